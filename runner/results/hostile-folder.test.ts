import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Run } from '../measurement/run.ts'
import { openRunFile, readRun, readTelemetry, runJson } from './run-folder.ts'
import { makeInside, writeWhole } from './whole-file.ts'

/** A folder that somebody else shares, and a file of ours outside of it. */
async function shared(t: TestContext): Promise<{ folder: string; outside: string }> {
  const root = await mkdtemp(join(tmpdir(), 'shared-'))
  t.after(() => rm(root, { recursive: true }))
  const [folder, outside] = [join(root, 'run'), join(root, 'precious')]
  await mkdir(folder)
  await writeFile(outside, 'precious')
  return { folder, outside }
}

test('a link in the place of a file is replaced, and what it led to stays as it was', async (t) => {
  const { folder, outside } = await shared(t)
  const path = join(folder, 'report.html')
  await symlink(outside, path)
  await writeWhole(path, 'ours')
  assert.equal(await readFile(outside, 'utf8'), 'precious')
  assert.equal(await readFile(path, 'utf8'), 'ours')
  assert.equal((await lstat(path)).isSymbolicLink(), false)
})

test('a link where the file aside used to be is not followed: nobody knows its name', async (t) => {
  const { folder, outside } = await shared(t)
  const path = join(folder, 'run.json')
  await symlink(outside, `${path}.part`)
  await writeWhole(path, 'one')
  await writeWhole(path, 'two')
  assert.equal(await readFile(outside, 'utf8'), 'precious')
  assert.deepEqual((await readdir(folder)).toSorted(), ['run.json', 'run.json.part'])
})

for (const name of ['charts', 'histograms']) {
  test(`${name} that is a link out of the folder is refused`, async (t) => {
    const { folder } = await shared(t)
    const elsewhere = join(folder, '..', 'elsewhere')
    await mkdir(elsewhere)
    await symlink(elsewhere, join(folder, name))
    await assert.rejects(makeInside(folder, name), new RegExp(`${name} is a link`))
    if (name === 'histograms') {
      await assert.rejects(openRunFile(folder, simulatedRun()), /histograms is a link/)
    }
    assert.deepEqual(await readdir(elsewhere), [])
  })
}

test('links, pipes and files beyond their bound are not read', async (t) => {
  const { folder, outside } = await shared(t)
  const path = join(folder, 'run.json')
  const why = (error: unknown): string => {
    assert.ok(error instanceof Error)
    return `${error.message} ${String(error.cause)}`
  }
  await writeFile(outside, runJson(simulatedRun()))
  await symlink(outside, path)
  await assert.rejects(readRun(folder), (error) => /is a link/.test(why(error)))
  await rm(path)
  execFileSync('mkfifo', [path])
  await assert.rejects(readRun(folder), (error) => /is not a file/.test(why(error)))
  await rm(path)
  await writeFile(path, '{')
  await truncate(path, 3 * 2 ** 30)
  await assert.rejects(readRun(folder), (error) => /more than 64 MiB/.test(why(error)))
  await writeFile(path, '['.repeat(1e6))
  await assert.rejects(readRun(folder), (error) => /nested/.test(why(error)))
})

test('telemetry with what is no figure has none there', async (t) => {
  const { folder } = await shared(t)
  assert.deepEqual(await readTelemetry(folder), [])
  const head = 'trial,arm,stage,users,atS,part,cpuCores,throttledRatio,memoryMb'
  await writeFile(join(folder, 'telemetry.csv'), `${head}\n0,"a,b",0,5,1,app,1e999,x,=1\n`)
  const [row] = await readTelemetry(folder)
  assert.deepEqual(
    [row?.arm, row?.cpuCores, row?.throttledRatio, row?.memoryMb],
    ['a,b', null, null, null],
  )
})

type Change = readonly [what: string, change: (run: Run) => void, field: RegExp]
const first = <T>(list: readonly T[]): T => list[0] ?? assert.fail('there is none')

for (const [what, change, field] of [
  ['a path for an arm', (run) => void (first(run.trials).arm = '../../x'), /\/trials\/0\/arm/],
  ['an arm with an escape', (run) => void (first(run.trials).arm = 'a\u001b[2J'), /\/arm/],
  ['an arm of 65 letters', (run) => void (first(run.trials).arm = 'a'.repeat(65)), /\/arm/],
  ['a command for an arm', (run) => void (first(run.configuration.arms).name = '$(id)'), /\/name/],
  ['a command for a profile', (run) => void (run.configuration.profile = 'x; id'), /\/profile/],
  ['a billion trials', (run) => void (run.configuration.trials = 1e9), /\/trials/],
  ['users beyond a million', (run) => void run.configuration.users.push(2e6), /\/users/],
  [
    'a figure of 300 digits',
    (run) => void (first(first(run.trials).stages).all.meanMs = 1e300),
    /\/meanMs/,
  ],
  [
    'a count that is no integer of 53 bits',
    (run) => void (first(first(run.trials).stages).all.requests = 1e200),
    /\/requests/,
  ],
  ['a text of a megabyte', (run) => void (run.warnings = ['x'.repeat(1e6)]), /\/warnings/],
  ['a date that is text', (run) => void (run.startedAt = '<script>'), /\/startedAt/],
] as const satisfies readonly Change[]) {
  test(`a crafted run.json with ${what} is refused by its field`, async (t) => {
    const { folder } = await shared(t)
    const run = structuredClone(simulatedRun())
    change(run)
    await writeFile(join(folder, 'run.json'), JSON.stringify(run))
    await assert.rejects(readRun(folder), field)
  })
}

for (const version of [1, 3, undefined])
  test(`a run of version ${version} is refused, with what to read it with`, async (t) => {
    const { folder } = await shared(t)
    await writeFile(join(folder, 'run.json'), JSON.stringify({ ...simulatedRun(), version }))
    await assert.rejects(readRun(folder), (error: Error) => {
      assert.match(error.message, new RegExp(`is of version ${version}; .* reads version 2`))
      assert.match(error.message, /Read it with the samehost that wrote it/)
      return true
    })
  })

test('a password in a sentence of a run is not written', () => {
  const run = simulatedRun()
  run.warnings = ['mine at https://me:hunter2@host was slow']
  assert.match(runJson(run), /mine at https:\/\/host was slow/)
})
