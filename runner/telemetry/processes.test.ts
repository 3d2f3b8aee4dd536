import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
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

/** A folder in the form of /proc, so that an entry of it can be made unreadable for a while. */
async function fakeProc(t: TestContext) {
  const proc = await mkdtemp(join(tmpdir(), 'proc-'))
  t.after(() => rm(proc, { recursive: true }))
  const stat = (pid: number): string => join(proc, String(pid), 'stat')
  const set = async (pid: number, parent: number, cpuTicks: number): Promise<void> => {
    const fields = ['S', parent, 0, 0, 0, 0, 0, 0, 0, 0, 0, cpuTicks, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    await mkdir(join(proc, String(pid)), { recursive: true })
    await rm(stat(pid), { recursive: true, force: true })
    await writeFile(stat(pid), `${pid} (it) ${fields.join(' ')} 0`)
  }
  // A folder cannot be read as a file: an error, and not that of a process that has ended.
  const spoil = async (pid: number): Promise<void> => {
    await rm(stat(pid))
    await mkdir(stat(pid))
  }
  const end = (pid: number): Promise<void> => rm(join(proc, String(pid)), { recursive: true })
  return { proc, set, spoil, end }
}

/** init, a stranger, and a root with a child and a grandchild: 100, 10 and 1 ticks. */
const TREE: readonly [pid: number, parent: number, ticks: number][] = [
  [1, 0, 7],
  [5, 1, 7],
  [20, 1, 100],
  [21, 20, 10],
  [22, 21, 1],
]
const WHOLE_US = 111 * 10_000

for (const [who, pid] of [
  ['root', 20],
  ['child', 21],
] as const) {
  test(
    `a ${who} that cannot be read once leaves its part out of that reading, and none after it`,
    { skip: process.platform === 'linux' ? false : 'there is no /proc' },
    async (t) => {
      const { proc, set, spoil } = await fakeProc(t)
      for (const row of TREE) await set(...row)
      const observer = observeProcesses({ app: 20, db: null }, proc)
      await spoil(pid)
      // Not a smaller figure: that would read as a restart, or as less work.
      assert.equal((await observer.read()).app, undefined)
      for (const row of TREE) await set(...row)
      assert.equal((await observer.read()).app?.cpuUs, WHOLE_US)
      await spoil(pid)
      assert.equal((await observer.read()).app, undefined)
      for (const row of TREE) await set(...row)
      assert.equal((await observer.read()).app?.cpuUs, WHOLE_US)
    },
  )
}

test(
  'strangers that cannot be read, and processes that end, cost the parts nothing',
  { skip: process.platform === 'linux' ? false : 'there is no /proc' },
  async (t) => {
    const { proc, set, spoil, end } = await fakeProc(t)
    for (const row of TREE) await set(...row)
    const observer = observeProcesses({ app: 20, db: null }, proc)
    assert.equal((await observer.read()).app?.cpuUs, WHOLE_US)
    await spoil(5)
    await end(22)
    assert.equal((await observer.read()).app?.cpuUs, WHOLE_US - 10_000)
    await end(20)
    await end(21)
    assert.equal((await observer.read()).app, undefined)
  },
)
