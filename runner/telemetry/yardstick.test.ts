import assert from 'node:assert/strict'
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

test('the work is the same each time, and is CPU time of this thread', () => {
  const before = process.threadCpuUsage()
  const readings = [yardstickMs(), yardstickMs()]
  const { user, system } = process.threadCpuUsage(before)
  const spentMs = (user + system) / 1000
  for (const reading of readings) {
    assert.ok(reading > 0)
    // Half the turns of each are at least as long as its median.
    assert.ok(reading * 11 < spentMs, `${reading} of ${spentMs} ms`)
  }
})
