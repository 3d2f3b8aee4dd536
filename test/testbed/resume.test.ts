import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { makeFolder, readRun } from '../../runner/results/run-folder.ts'
import { LOCK_FILE, lockRun } from '../../runner/results/run-lock.ts'
import { startRun } from './runs.ts'

let folder: string
/** Of a run that was killed in its second trial. */
let cut: string

const SMALL = ['--profile', 'smoke', '--users', '5,10', '--arms', 'pooled,persistent']

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resume-'))
  await chmod(folder, 0o755)
  cut = join(folder, 'cut')
  const killed = startRun(folder, [...SMALL, '--hold', '2s', '--out', cut])
  await killed.until(/\[2\/2\] \S+ 5 users: [\d.]+\/s/)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
})
after(() => rm(folder, { recursive: true, force: true }))

const resumed = (...args: string[]): Promise<number> => runCli(['--resume', cut, ...args], {})

test('other options than those of the run are refused, each by its name', async () => {
  await assert.rejects(resumed('--users', '5,20'), /--users is another than that run has/)
  await assert.rejects(resumed('--hold', '3s'), /--hold is another/)
  await assert.rejects(resumed('--no-search', '--trials', '2'), /--trials is another/)
  await assert.rejects(resumed('--out', join(folder, 'new')), /--out does not go with it/)
  await assert.rejects(resumed('--arms', 'pooled'), /--arms is another/)
})

test('another testbed, and another target, are refused', async () => {
  const target = ['--target', 'pooled=http://127.0.0.1:1']
  await assert.rejects(resumed(...target), /is of the testbed embedded, this is remote/)

  const remote = join(folder, 'remote')
  await cp(cut, remote, { recursive: true })
  const run = await readRun(remote)
  run.environment.testbed = 'remote'
  run.configuration.arms = [{ name: 'mine', mode: null }]
  run.configuration.targets = [{ name: 'mine', url: 'http://127.0.0.1:1' }]
  await writeFile(join(remote, 'run.json'), JSON.stringify(run))
  const other = ['--target', 'mine=http://127.0.0.1:2']
  await assert.rejects(
    runCli(['--resume', remote, ...other], {}),
    /it measured mine at http:\/\/127\.0\.0\.1:1, and --target says http:\/\/127\.0\.0\.1:2/,
  )
  const database = ['--target', 'mine=http://127.0.0.1:1', '--database-url', 'postgres://a@b/c']
  await assert.rejects(runCli(['--resume', remote, ...database], {}), /its --database-url was none/)
})

test('a run that goes on is joined by no second writer, neither with --resume nor with --out', async () => {
  const out = join(folder, 'goes-on')
  const run = startRun(folder, [...SMALL, '--hold', '30s', '--out', out])
  await run.until(/5 users: \d+ s to go/)
  const { pid } = run.child
  const bytes = await readFile(join(out, 'run.json'), 'utf8')
  const held = new RegExp(`Process ${pid} on ${hostname()} still writes its run into`)
  await assert.rejects(runCli(['--resume', out], {}), held)
  await assert.rejects(runCli(['report', out], {}), held)
  await assert.rejects(runCli([...SMALL, '--out', out], {}), /holds a run/)
  assert.equal(await readFile(join(out, 'run.json'), 'utf8'), bytes)
  run.child.kill('SIGINT')
  assert.equal(await run.ended(), 130)
})

test('a finished run is resumed by nobody, and stays as it was', async () => {
  const finished = join(folder, 'finished')
  await cp(cut, finished, { recursive: true })
  const run = await readRun(finished)
  for (const trial of run.trials) trial.state = 'complete'
  await writeFile(join(finished, 'run.json'), JSON.stringify(run))
  const bytes = await readFile(join(finished, 'run.json'))
  await assert.rejects(
    runCli(['--resume', finished], {}),
    /is finished, all 2 trials are complete: `npm run bench -- report /,
  )
  assert.ok(bytes.equals(await readFile(join(finished, 'run.json'))))
})

test('a lock of a process that is gone, or that has another one’s pid, counts for nothing', async () => {
  // Of the killed run.
  const left = JSON.parse(await readFile(join(cut, LOCK_FILE), 'utf8')) as Record<string, unknown>
  assert.equal(left['host'], hostname())
  ;(await lockRun(cut)).release()

  const reused = { ...left, pid: process.pid, startTicks: '1' }
  await writeFile(join(cut, LOCK_FILE), JSON.stringify(reused))
  ;(await lockRun(cut)).release()

  for (const broken of ['', 'null', '{"pid":-1,"host":"a","id":"b"}']) {
    await writeFile(join(cut, LOCK_FILE), broken)
    ;(await lockRun(cut)).release()
  }
})

test('what lies in the place of a lock and is none is not followed', async () => {
  const path = join(cut, LOCK_FILE)
  const elsewhere = join(folder, 'elsewhere')
  await writeFile(elsewhere, 'mine')
  for (const target of [elsewhere, '/dev/zero', '/nowhere']) {
    await symlink(target, path)
    ;(await lockRun(cut)).release()
  }
  await mkdir(path)
  ;(await lockRun(cut)).release()
  assert.equal(await readFile(elsewhere, 'utf8'), 'mine')
})

test('a lock of another host holds as long as it beats', async () => {
  const path = join(cut, LOCK_FILE)
  await writeFile(path, JSON.stringify({ pid: 7, host: 'elsewhere', startTicks: '1', id: 'x' }))
  await assert.rejects(lockRun(cut), /Process 7 on elsewhere still writes.*remove .*run\.lock/)
  const longAgo = new Date(Date.now() - 120_000)
  await utimes(path, longAgo, longAgo)
  ;(await lockRun(cut)).release()
})

test('a lock that is released leaves that of another alone', async () => {
  const first = await lockRun(cut)
  await copyFile(join(cut, 'run.json'), join(cut, LOCK_FILE))
  first.release()
  assert.ok((await readFile(join(cut, LOCK_FILE), 'utf8')).includes('"version"'))
  await rm(join(cut, LOCK_FILE))
})

test('two runs begun in the same second have folders of their own', async () => {
  const at = '2026-01-01T00:00:00.000Z'
  const names = await Promise.all([1, 2, 3].map(() => makeFolder(null, folder, at, 'smoke')))
  assert.equal(new Set(names).size, 3)
  assert.ok(names.every((name) => name.includes('2026-01-01T00-00-00Z-smoke')))
})
