import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { yardstickMs } from './yardstick.ts'

test('a turn that the machine was slow in by chance is not in the reading', () => {
  const [usual, slow] = [6, 60]
  let [nowMs, turns] = [0, 0]
  const turn = () => {
    turns += 1
    nowMs += turns % 3 === 0 ? slow : usual
  }
  assert.equal(
    yardstickMs(turn, () => nowMs),
    usual,
  )
})

test('its clock moves in steps much finer than a turn', () => {
  const piece = Buffer.alloc(256 * 1024)
  // A tenth of a turn or less: a clock that moves with the scheduler's ticks reads 0 or 4 ms here.
  const readings = Array.from({ length: 5 }, () =>
    yardstickMs(() => createHash('sha256').update(piece).digest()),
  )
  for (const reading of readings) assert.ok(reading > 0, readings.join(', '))
})

test('a reading is CPU time that was spent', () => {
  const before = process.cpuUsage()
  const readings = [yardstickMs(), yardstickMs()]
  const { user, system } = process.cpuUsage(before)
  const spentMs = (user + system) / 1000
  for (const reading of readings) {
    // Half the turns of each are at least as long as its median.
    assert.ok(reading > 0 && reading * 11 < spentMs, `${reading} of ${spentMs} ms`)
  }
})
