import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { processesNaming } from './runs.ts'

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

/** Ids of the System V segments that one of these processes made. */
async function segmentsOf(pids: ReadonlySet<number>): Promise<string[]> {
  const text = await readFile('/proc/sysvipc/shm', 'utf8')
  const rows = text.split('\n').map((line) => line.trim().split(/\s+/))
  return rows.flatMap(([, id = '', , , creator]) => (pids.has(Number(creator)) ? [id] : []))
}

/** Servers of initdb that run in this folder: `boot` makes the first database, `single` fills it. */
async function serversIn(mark: string): Promise<{ pid: number; kind: string }[]> {
  // All at once: one after another takes as long as such a server lives, where many processes run.
  const found = (await readdir('/proc').catch(() => [])).map(async (pid) => {
    const read = (name: string): Promise<string> =>
      readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
    const command = await read('cmdline')
    const [, kind] = /postgres\0--(boot|single)/.exec(command) ?? []
    if (kind === undefined) return []
    return `${command}${await read('environ')}`.includes(mark) ? [{ pid: Number(pid), kind }] : []
  })
  return (await Promise.all(found)).flat()
}

// initdb starts one server after another, and each has a segment of its own.
for (const phase of ['boot', 'single']) {
  test(
    `a runner killed in initdb’s ${phase} leaves no process, folder or shared memory`,
    { skip: existsSync('/proc/sysvipc/shm') ? false : 'only Linux says who made a segment' },
    async (t) => {
      const mark = await mkdtemp(join(tmpdir(), 'initdb-'))
      await chmod(mark, 0o755)
      const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: mark },
      })
      t.after(async () => {
        holder.kill('SIGKILL')
        await rm(mark, { recursive: true, force: true })
      })
      const isUp = once(holder.stdout, 'data').then(() => true)
      const seen = new Set<number>()
      for (let isThere = false; !isThere;) {
        const up = await Promise.race([isUp, delay(1, false)])
        assert.ok(!up, 'initdb ended before it was seen')
        const servers = await serversIn(mark)
        for (const { pid } of servers) seen.add(pid)
        isThere = servers.some(({ kind }) => kind === phase)
      }
      holder.kill('SIGKILL')
      const deadline = performance.now() + 120_000
      for (;;) {
        for (const { pid } of await serversIn(mark)) seen.add(pid)
        // The guard ends last, after the folder that it removed.
        const left = [...(await readdir(mark)), ...(await processesNaming(mark))]
        if (left.length === 0) break
        assert.ok(performance.now() < deadline, left.join())
        await delay(20)
      }
      assert.deepEqual(await segmentsOf(seen), [])
    },
  )
}
