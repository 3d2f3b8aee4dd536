import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { isLock, lockRun } from '../../runner/results/run-lock.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const LOCK = new URL('../../runner/results/run-lock.ts', import.meta.url).href
/** Takes the lock of each folder that it is given a line of, says how that went, and lets go at `end`. */
const CONTENDER = `
  import { createInterface } from 'node:readline'
  import { lockRun } from '${LOCK}'
  let held
  console.log('ready')
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'end') { held?.release(); held = undefined; console.log('ended'); continue }
    try { held = await lockRun(line); console.log('held') } catch (error) { console.log(error.message) }
  }`

/** A process that says one line for each that it is told. */
async function startContender() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', CONTENDER], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => String((await lines.next()).value)
  await line()
  const tell = async (text: string): Promise<string> => {
    child.stdin.write(`${text}\n`)
    return await line()
  }
  return { child, tell }
}

const GONE = { pid: 2 ** 22 + 1, host: hostname(), startTicks: '1' }

test('of many processes that find a stale lock at once, exactly one holds the folder', async () => {
  const contenders = await Promise.all(Array.from({ length: 6 }, startContender))
  try {
    for (let round = 0; round < 60; round += 1) {
      const at = join(folder, String(round))
      await mkdir(at)
      // As a run that was killed left it: of this samehost, and of an older one.
      const left = round % 2 === 0 ? 'run.lock' : 'run.00000000-0000-4000-8000-000000000000.lock'
      await writeFile(join(at, left), JSON.stringify(GONE))
      const said = await Promise.all(contenders.map(({ tell }) => tell(at)))
      assert.equal(said.filter((how) => how === 'held').length, 1, `round ${round}: ${said.join()}`)
      const others = said.filter((how) => how !== 'held')
      for (const how of others) assert.match(how, /^Process \d+ on .* still writes its run into/)
      assert.equal((await readdir(at)).filter(isLock).length, 1)
      await Promise.all(contenders.map(({ tell }) => tell('end')))
      assert.deepEqual(await readdir(at), [])
    }
  } finally {
    for (const { child } of contenders) child.stdin.end()
  }
})

test('a lock of a process that is gone, or that has another one’s pid, counts for nothing', async () => {
  const contender = await startContender()
  assert.equal(await contender.tell(folder), 'held')
  await assert.rejects(lockRun(folder), new RegExp(`Process ${contender.child.pid} on`))
  contender.child.kill('SIGKILL')
  await once(contender.child, 'exit')
  const [left = ''] = await readdir(folder)
  assert.ok(isLock(left))
  const holder = JSON.parse(await readFile(join(folder, left), 'utf8')) as Record<string, unknown>
  const reused = JSON.stringify({ ...holder, pid: process.pid, startTicks: '1' })
  const broken = ['', 'null', '{"pid":-1,"host":"a","id":"b"}']
  for (const text of [JSON.stringify(holder), reused, ...broken]) {
    await writeFile(join(folder, left), text)
    ;(await lockRun(folder)).release()
    assert.deepEqual(await readdir(folder), [])
  }
})

test('what lies in the place of a lock and is none is not followed', async () => {
  const path = join(folder, 'run.lock')
  const elsewhere = join(folder, 'elsewhere')
  await writeFile(elsewhere, 'mine')
  for (const target of [elsewhere, '/dev/zero', '/nowhere']) {
    await symlink(target, path)
    ;(await lockRun(folder)).release()
  }
  await mkdir(path)
  ;(await lockRun(folder)).release()
  assert.equal(await readFile(elsewhere, 'utf8'), 'mine')
})

test('a lock of a container that is gone is taken after a look, whatever its clock said', async () => {
  const path = join(folder, 'run.lock')
  const said: string[] = []
  const watching = { say: (text: string) => void said.push(text), deadAfterMs: 600 }
  const here = { pid: 1, host: hostname(), pidSpace: 'pid:[1]', startTicks: '1' }
  for (const holder of [{ ...here, host: 'a891ce5e2f33' }, here]) {
    await writeFile(path, JSON.stringify(holder))
    const ahead = new Date(Date.now() + 3_600_000)
    await utimes(path, ahead, ahead)
    ;(await lockRun(folder, watching)).release()
    assert.match(said.at(-1) ?? '', /^Process 1 on \S+ may still write .*: looking for 0\.6 s/)
  }
  assert.equal(said.length, 2)
})

test('a lock that beats where its process cannot be seen holds, whatever its clock says', async () => {
  const path = join(folder, 'run.lock')
  await writeFile(path, JSON.stringify({ pid: 7, host: 'elsewhere', startTicks: '1' }))
  let beats = 0
  const beating = setInterval(() => {
    beats += 1
    // 1970.
    void utimes(path, beats, beats)
  }, 100)
  await assert.rejects(lockRun(folder), /Process 7 on elsewhere still writes.*remove .*run\.lock/)
  clearInterval(beating)
  assert.deepEqual(await readdir(folder), ['run.lock'])
})

test('a lock beats while it is held, and once released it leaves that of another alone', async () => {
  const lock = await lockRun(folder)
  const [name = ''] = await readdir(folder)
  const beatOf = async (): Promise<number> => (await stat(join(folder, name))).mtimeMs
  const first = await beatOf()
  const deadline = performance.now() + 60_000
  while ((await beatOf()) === first && performance.now() < deadline) await delay(100)
  assert.notEqual(await beatOf(), first)
  await writeFile(join(folder, 'run.lock'), JSON.stringify(GONE))
  lock.release()
  assert.deepEqual(await readdir(folder), ['run.lock'])
})
