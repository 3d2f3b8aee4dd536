import assert from 'node:assert/strict'
import { test } from 'node:test'
import { busyRatio, parseHostTicks, readHostTicks, stolenRatio } from './host-ticks.ts'

const LINE = 'cpu  371052 989 206531 2032025 10369 0 19575 61960 500 0\ncpu0 1 2 3 4 5 6 7 8 9 0\n'

test('the ticks of all CPUs are added up, guests not twice; waiting for a disk is idle', () => {
  const all = 371_052 + 989 + 206_531 + 2_032_025 + 10_369 + 19_575 + 61_960
  assert.deepEqual(parseHostTicks(LINE), { all, idle: 2_032_025 + 10_369, stolen: 61_960 })
})

test('of the cores that a process may use the ticks are added up, and those of others are not', () => {
  const text =
    'cpu 9 9 9 9 9 9 9 9\ncpu1 1 0 0 10 0 0 0 5\ncpu10 2 0 0 20 1 0 0 6\ncpu2 7 7 7 7 7 7 7 7\n'
  assert.deepEqual(parseHostTicks(text, [1, 10]), { all: 45, idle: 31, stolen: 11 })
  assert.equal(parseHostTicks(text, [1, 3]), null)
})

test('the shares are those of the time between the readings', () => {
  const from = { all: 1_000, idle: 300, stolen: 500 }
  const to = { all: 1_200, idle: 450, stolen: 520 }
  assert.equal(stolenRatio(from, to), 0.1)
  assert.equal(busyRatio(from, to), 0.25)
  assert.equal(stolenRatio(from, { ...to, stolen: 500 }), 0)
  assert.equal(busyRatio(from, { ...to, idle: 500 }), 0)
  // Counters of steal have been seen to fall when a machine moves to another host.
  assert.equal(stolenRatio(from, { ...to, stolen: 400 }), 0)
})

test('what cannot be read is unknown, not zero', async () => {
  assert.equal(parseHostTicks(''), null)
  assert.equal(parseHostTicks('cpu  1 2 3 4'), null)
  assert.equal(parseHostTicks('intr 1 2 3 4 5 6 7 8'), null)
  assert.equal(parseHostTicks('cpu 1 2 3 4 5 6 7 many'), null)
  assert.equal(await readHostTicks('/proc/no-such-file'), null)
  const reading = { all: 10, idle: 5, stolen: 1 }
  for (const ratio of [stolenRatio, busyRatio]) {
    assert.equal(ratio(null, reading), null)
    assert.equal(ratio(reading, null), null)
    assert.equal(ratio(reading, reading), null)
  }
})
