import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

const HOLDER = `
  import { startPostgres } from '${new URL('../../runner/testbed/embedded/postgres.ts', import.meta.url).href}'
  const postgres = await startPostgres()
  console.log(JSON.stringify({ pid: postgres.pid, folder: postgres.logFile.replace(/\\/log\\/.*/, '') }))
  setInterval(() => {}, 1000)`

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a runner killed with SIGKILL leaves no server and no folder behind', async () => {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string]
  const { pid, folder } = JSON.parse(line) as { pid: number; folder: string }
  assert.ok(isAlive(pid) && existsSync(folder), 'the server runs')
  holder.kill('SIGKILL')
  for (let look = 0; look < 200 && (isAlive(pid) || existsSync(folder)); look += 1) await delay(50)
  assert.equal(isAlive(pid), false, 'the server has ended')
  assert.equal(existsSync(folder), false, 'its folder is gone')
})
