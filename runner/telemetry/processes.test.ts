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
