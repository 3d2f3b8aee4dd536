import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { observeProcesses, parseStat, treeOf } from './processes.ts'

test('a line of /proc/PID/stat is read whatever the name of the process holds', () => {
  const fields = ['S', 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 100]
  assert.deepEqual(parseStat(`42 (a) b (c)) ${fields.join(' ')} 0 0`), {
    pid: 42,
    parent: 7,
    cpuUs: (3 + 4 + 5 + 6) * 10_000,
    memoryBytes: 100 * 4096,
  })
})

test('a tree is the process with all its descendants, and nothing once it has ended', () => {
  const row = (pid: number, parent: number) => ({ pid, parent, cpuUs: 1, memoryBytes: 1 })
  const rows = [row(1, 0), row(2, 1), row(3, 2), row(4, 1), row(5, 4), row(9, 3)]
  assert.deepEqual(
    treeOf(rows, 2).map(({ pid }) => pid),
    [2, 3, 9],
  )
  assert.deepEqual(treeOf(rows, 77), [])
})

test(
  'the CPU of children that ended stays counted',
  { skip: process.platform === 'linux' ? false : 'ps(1) does not tell it' },
  async () => {
    // Each child burns until it has used 300 ms of CPU by its own count; the parent only waits.
    const burn = 'while (process.cpuUsage().user < 3e5);'
    const parent = spawn(process.execPath, [
      '-e',
      `const { spawnSync } = require('node:child_process');
       for (let n = 0; n < 2; n += 1) spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}]);
       console.log('done'); setInterval(() => {}, 1000)`,
    ])
    try {
      await once(parent.stdout, 'data')
      const { app } = await observeProcesses({ app: parent.pid ?? 0, db: null }).read()
      assert.ok((app?.cpuUs ?? 0) >= 600_000, `${app?.cpuUs} µs of at least 600,000`)
    } finally {
      parent.kill('SIGKILL')
    }
  },
)

test('a child that starts after the first reading is counted, however deep', async () => {
  const burn = 'while (process.cpuUsage().user < 3e5);'
  const middle = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}]);
    console.log(process.pid); setInterval(() => {}, 1000)`
  const start = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(middle)}], { stdio: 'inherit' })`
  const parent = spawn(process.execPath, ['-e', `process.stdin.once('data', () => ${start})`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let child = 0
  try {
    const observer = observeProcesses({ app: parent.pid ?? 0, db: null })
    await observer.read()
    const before = (await observer.read()).app
    parent.stdin.write('go\n')
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    child = Number(line.toString())
    const after = (await observer.read()).app
    assert.ok(before && after)
    // A process of Node has some 30 MB at least.
    assert.ok(after.memoryBytes > before.memoryBytes + 20e6, 'the child is there')
    const usedUs = after.cpuUs - before.cpuUs
    // macOS tells nothing of children that ended.
    if (process.platform === 'linux') assert.ok(usedUs >= 300_000, `${usedUs} µs of 300,000`)
  } finally {
    parent.kill('SIGKILL')
    if (child > 0) process.kill(child, 'SIGKILL')
  }
})
