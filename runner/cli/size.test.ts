import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { KIT } from '../kit.ts'
import { ceilingText, mostBytes, mostTrials, searchCeiling } from '../plan/size.ts'
import { openRunFiles } from '../results/bundle.ts'
import { READABLE, readRun } from '../results/run-folder.ts'
import { readRunOptions, UsageError } from './options.ts'
import { prepareRun } from './prepare.ts'
import { chooseTestbed } from './testbeds.ts'

async function prepare(...args: string[]) {
  const options = readRunOptions(args, {}, null)
  if (!('profile' in options)) throw new UsageError(options)
  return await prepareRun(options, await chooseTestbed(options, {}), null, () => {})
}

test('trials whose results could not be read back are refused before the start, with how many can', async () => {
  let refusal = ''
  await assert.rejects(prepare('--trials', '1000'), (error: Error) => {
    refusal = error.message
    return error instanceof UsageError
  })
  const [, most] = /--trials 1000: .*read back.* Of each arm (\d+) have room/.exec(refusal) ?? []
  assert.ok(Number(most) > 100, refusal)
  const precise = prepare('--precision', '5%', '--max-trials', '1000')
  await assert.rejects(precise, /--max-trials 1000: /)
  const steps = Array.from({ length: 1_000 }, (_, at) => at + 1).join()
  const endless = prepare('--trials', '1', '--users', steps, '--hold', '120m')
  await assert.rejects(endless, /ask for fewer arms, fewer steps or a shorter --hold/)
})

test('a precision that no ratio could have is refused before the start', async () => {
  const refused = prepare('--precision', '5%', '--arms', 'pooled')
  await assert.rejects(refused, /--precision is of the ratio of two arms/)
})

test('no committed run has larger files than was said of it before', async () => {
  const folder = join(KIT, 'results', 'reference')
  const bundles = await readdir(folder)
  assert.ok(bundles.length > 10)
  for (const name of bundles) {
    const run = await readRun(join(folder, name))
    const files = await openRunFiles(join(folder, name))
    const sizeOf = async (file: string): Promise<number> =>
      Buffer.byteLength(await files.read(file, READABLE.run))
    const most = mostBytes(run.configuration)
    const [json, rows] = [await sizeOf('run.json'), await sizeOf('telemetry.csv')]
    assert.ok(json <= most.run, `${name}: ${json} of ${most.run} bytes of run.json`)
    assert.ok(rows <= most.rows, `${name}: ${rows} of ${most.rows} bytes of telemetry.csv`)
    assert.ok(mostTrials(run.configuration, READABLE) >= run.configuration.trials, name)
  }
})

test('the search ends where the loaders, their open files or the front door do', () => {
  const cases = [
    [{ loaders: 1, connections: null, hasFrontDoor: false }, 4_000],
    [{ loaders: 4, connections: null, hasFrontDoor: false }, 16_000],
    [{ loaders: 4, connections: 960, hasFrontDoor: false }, 3_840],
    [{ loaders: 4, connections: null, hasFrontDoor: true }, 4_000],
    [{ loaders: 1, connections: 960, hasFrontDoor: true }, 960],
  ] as const
  for (const [setting, users] of cases) assert.equal(searchCeiling(setting), users)
})

test('a run says how far its search may go', async (t) => {
  const out = await mkdtemp(join(tmpdir(), 'size-'))
  t.after(() => rm(out, { recursive: true, force: true }))
  const prepared = await prepare('--loaders', '2', '--out', out)
  prepared.lock.release()
  assert.match(ceilingText(prepared.configuration), /tries \d+ users at most.* 2 loaders/)
  assert.equal(ceilingText({ ...prepared.configuration, search: false }), '')
})
