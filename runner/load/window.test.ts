import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWindows } from './window.ts'

test('what is known since the start begins again with no window', async () => {
  const windows = createWindows(
    { timeoutMs: 0, endpoints: ['list'] },
    {
      strays: () => 0,
      pausedMs: () => 0,
      overduePausesMs: () => [],
      waitingSince: () => 0,
    },
  )
  for (const durationMs of [10, 20]) windows.ended(durationMs)
  windows.open()
  windows.ended(30)
  windows.drop()
  windows.open()
  windows.ended(40)
  const closing = windows.close()
  // It ends while the window waits for its requests: the window has closed by then.
  windows.ended(1000)
  assert.deepEqual((await closing).sinceStart, { requests: 4, durationMs: 100 })
  windows.open()
  assert.deepEqual((await windows.close()).sinceStart, { requests: 5, durationMs: 1100 })
})
