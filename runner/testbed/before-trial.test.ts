import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beforeTrial, BeforeTrialFailed } from './before-trial.ts'
import { isRunning } from './remote/parts.ts'

const NEVER = new AbortController().signal

test('a command that succeeds is waited for, and knows the arm', async () => {
  await beforeTrial('test "$SAMEHOST_ARM" = mine', 'mine', NEVER)
  await assert.rejects(
    beforeTrial('test "$SAMEHOST_ARM" = mine', 'other', NEVER),
    BeforeTrialFailed,
  )
})

test('one that takes too long is ended with what it started', async () => {
  const command = 'sleep 600 & echo "pid $!"; wait'
  const failed = await beforeTrial(command, 'mine', NEVER, 300).then(() => assert.fail(), String)
  assert.match(failed, /took longer than 0\.3 s: pid \d+/)
  const pid = Number(/pid (\d+)/.exec(failed)?.[1])
  for (let looks = 0; looks < 100 && isRunning(pid); looks += 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(isRunning(pid), false)
})

test('the end of the run ends it, as the end of the run', async () => {
  const controller = new AbortController()
  const running = beforeTrial('sleep 600', 'mine', controller.signal)
  controller.abort()
  await assert.rejects(running, { name: 'AbortError' })
})
