import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startArmProcess } from '../../runner/testbed/embedded/arm-process.ts'
import { KIT } from '../docker/kit.ts'

test('the last words of an arm name files from the kit, and drive no terminal', async () => {
  const arm = {
    name: 'dying',
    mode: null,
    entry: 'test/fixtures/dying-arm.ts',
    environment: {},
    groups: [],
  }
  await assert.rejects(startArmProcess(arm, 'postgres://127.0.0.1/none'), (error) => {
    assert.ok(error instanceof Error)
    assert.match(error.message, /dying ended before it was ready: [^]*Error: no way to begin/)
    assert.match(error.message, /at test\/fixtures\/dying-arm\.ts:3:7/)
    assert.ok(!error.message.includes(KIT), error.message)
    assert.match(error.message, /^[\n -~]*$/)
    return true
  })
})
