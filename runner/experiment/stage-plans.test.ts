import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Stage } from '../measurement/stage.ts'
import { stagePlans } from './stage-plans.ts'

const { configuration, trials } = simulatedRun()
const sound = trials[0]?.stages[0]
assert.ok(sound)

/** The probe that is asked for after a stage of 560 users with this mean response time. */
function probeAfter(meanMs: number, users: number, adaptive = { warmUpMostS: 3, holdMostS: 5 }) {
  const before: Stage = { ...sound!, users: 560, all: { ...sound!.all, meanMs } }
  const quick = { ...configuration, users: [], search: true, warmUpS: 2, holdS: 4, ...adaptive }
  const { value } = stagePlans(quick, [before], () => users).next()
  assert.ok(value)
  return { leastS: value.warmUpMs / 1000, mostS: value.warmUpMostMs / 1000 }
}

test('a jump by a service that lets its users wait may take twice as long to settle', () => {
  assert.deepEqual(probeAfter(90, 745), { leastS: 2, mostS: 6 })
})

test('what users waited for failures counts as what they waited for answers', () => {
  const waited = { meanMs: 2_000, p95Ms: null }
  const before: Stage = { ...sound, users: 560, all: { ...sound.all, meanMs: 2 }, waited }
  const quick = { ...configuration, users: [], search: true, warmUpS: 2, holdS: 4 }
  const { value } = stagePlans(quick, [before], () => 580).next()
  assert.equal(value?.warmUpMs, 3_000)
})

test('a small step, or a jump by a service that lets nobody wait, may not', () => {
  assert.deepEqual(probeAfter(90, 580), { leastS: 2, mostS: 3 })
  assert.deepEqual(probeAfter(2, 745), { leastS: 2, mostS: 3 })
})

test('a warm-up of a given length keeps it, but for what the stage before left in the queues', () => {
  const given = { warmUpMostS: 2, holdMostS: 4 }
  assert.deepEqual(probeAfter(90, 745, given), { leastS: 2, mostS: 2 })
  assert.deepEqual(probeAfter(2_000, 745, given), { leastS: 3, mostS: 3 })
})
