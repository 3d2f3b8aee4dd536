import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Counters } from '../telemetry/counters.ts'
import { limitsChanged, limitsToHold, limitsUnread } from './read-back.ts'

const read = (cores: number | null) => ({
  cores,
  periodUs: cores === null ? null : 100_000,
  memoryMb: 512,
})
const reading = (cores: number): Counters => ({
  app: {
    atMs: 0,
    cpuUs: 0,
    memoryBytes: 0,
    memoryLimitBytes: 512e6,
    periods: null,
    throttledPeriods: null,
    networkRxBytes: 0,
    networkTxBytes: 0,
    restarts: 0,
    oomKills: 0,
    cpuLimit: { cores, periodUs: 100_000 },
  },
})
const set = { app: { cores: 0.26, periodUs: 100_000 }, db: { cores: 0.52, periodUs: 100_000 } }

test('stages are held to the CPU limits that were set, whatever was read as the load began', () => {
  const began = { app: read(0.9) }
  const held = limitsToHold(began, {}, set)
  assert.deepEqual(held, { app: read(0.26) })
  assert.deepEqual(limitsChanged(held, [reading(0.26)]), [])
  const [reason] = limitsChanged(held, [reading(0.9)])
  assert.match(reason?.text ?? '', /limit of app .*: 0\.9 cores .*, and before that 0\.26 cores/)
})

test('what is set is compared as the kernel keeps it, in whole microseconds', () => {
  const app = { cores: 0.123456789, periodUs: 20_000 }
  const held = limitsToHold({ app: read(1) }, {}, { app })
  assert.equal(held.app?.cores, 2469 / 20_000)
})

test('where nothing is set, an earlier trial says what is right, and else the first reading', () => {
  assert.deepEqual(limitsToHold({ app: read(1) }, { app: read(0.5) }, null), { app: read(0.5) })
  assert.deepEqual(limitsToHold({ db: read(null) }, {}, null), { db: read(null) })
})

test('a host that was limited and cannot be read is named', () => {
  assert.match(limitsUnread({ app: read(1) }) ?? '', /^not checked: limits of db: they were set/)
  assert.match(limitsUnread({}) ?? '', /limits of app and db/)
  assert.equal(limitsUnread({ app: read(1), db: read(null) }), null)
})
