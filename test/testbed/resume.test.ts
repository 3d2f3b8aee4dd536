import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { makeFolder, readRun } from '../../runner/results/run-folder.ts'
import { isLock } from '../../runner/results/run-lock.ts'
import { type Followed, startRun } from './runs.ts'
import { SHOP_ENV } from '../fixtures/shop.ts'

let folder: string
/** Never ready: a run of it waits at its first trial, and puts no load on anything. */
let service: Server
let targets: string[]
/** Of a run that was killed while it waited. */
let cut: string

const SMALL = ['--profile', 'smoke', '--users', '5,10', '--hold', '2s']

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'resume-'))
  service = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const { port } = service.address() as AddressInfo
  targets = ['one', 'two'].flatMap((name) => ['--target', `${name}=http://127.0.0.1:${port}`])
  cut = join(folder, 'cut')
  const killed = await waitingRun(cut)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
})
after(async () => {
  service.closeAllConnections()
  service.close()
  await rm(folder, { recursive: true, force: true })
})

async function waitingRun(out: string): Promise<Followed> {
  const run = startRun(folder, [...SMALL, ...targets, '--out', out])
  await run.until(/2 of 2 trials, about /)
  return run
}

const resumed = (...args: string[]): Promise<number> =>
  runCli(['--resume', cut, ...targets, ...args], SHOP_ENV)

test('other options than those of the run are refused, each by its name', async () => {
  await assert.rejects(resumed('--users', '5,20'), /--users is another than that run has/)
  await assert.rejects(resumed('--hold', '3s'), /--hold is another/)
  await assert.rejects(resumed('--trials', '2'), /--trials is another/)
  await assert.rejects(
    resumed('--seed', '7', '--search'),
    /--seed is another[^]*--search is another/,
  )
  await assert.rejects(resumed('--out', join(folder, 'new')), /--out does not go with it/)
})

test('another testbed, another target and another database are refused', async () => {
  await assert.rejects(runCli(['--resume', cut], {}), /is of the testbed remote, this is embedded/)
  const other = ['--target', 'one=http://127.0.0.1:1', '--target', 'two=http://127.0.0.1:1']
  await assert.rejects(
    runCli(['--resume', cut, ...other], SHOP_ENV),
    /it measured one at http:\/\/127\.0\.0\.1:\d+, and --target says http:\/\/127\.0\.0\.1:1/,
  )
  await assert.rejects(
    runCli(['--resume', cut, ...targets.slice(0, 2)], SHOP_ENV),
    /there is no arm two here/,
  )
  await assert.rejects(resumed('--database-url', 'postgres://a@b/c'), /its --database-url was none/)
})

test('a run that goes on is joined by no second writer, neither by --resume nor by report', async () => {
  const out = join(folder, 'goes-on')
  const run = await waitingRun(out)
  const bytes = await readFile(join(out, 'run.json'), 'utf8')
  const held = new RegExp(`Process ${run.child.pid} on ${hostname()} still writes its run into`)
  await assert.rejects(runCli(['--resume', out, ...targets], SHOP_ENV), held)
  await assert.rejects(runCli(['report', out], {}), held)
  await assert.rejects(runCli([...SMALL, ...targets, '--out', out], SHOP_ENV), /holds a run/)
  assert.equal(await readFile(join(out, 'run.json'), 'utf8'), bytes)
  run.child.kill('SIGINT')
  assert.equal(await run.ended(), 130)
  assert.ok(!(await readdir(out)).some(isLock), 'the lock is gone with its run')
})

test('a finished run is resumed by nobody, and stays as it was', async () => {
  const finished = join(folder, 'finished')
  await cp(cut, finished, { recursive: true })
  const run = await readRun(finished)
  const whole = { startedAt: run.startedAt, version: null, contractFailures: [], audit: null }
  run.trials = run.configuration.arms.map(({ name: arm }, order) => {
    return { arm, order, index: 0, state: 'complete', stages: [], ...whole }
  })
  await writeFile(join(finished, 'run.json'), JSON.stringify(run))
  const bytes = await readFile(join(finished, 'run.json'))
  await assert.rejects(
    runCli(['--resume', finished, ...targets], SHOP_ENV),
    /is finished, all 2 trials are complete: `npm run bench -- report /,
  )
  assert.ok(bytes.equals(await readFile(join(finished, 'run.json'))))
})

test('two runs begun in the same second have folders of their own', async () => {
  const at = '2026-01-01T00:00:00.000Z'
  const names = await Promise.all([1, 2, 3].map(() => makeFolder(null, folder, at, 'smoke')))
  assert.equal(new Set(names).size, 3)
  assert.ok(names.every((name) => name.includes('2026-01-01T00-00-00Z-smoke')))
})
