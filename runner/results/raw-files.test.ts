import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  cp,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KIT } from '../kit.ts'
import type { Run } from '../measurement/run.ts'
import { openRunFiles, unpack } from './bundle.ts'
import { lastCalibration } from './calibration-file.ts'
import { knownFit } from './hosts-file.ts'
import { missingTelemetry } from './raw-files.ts'
import { verifyFigures } from './verify.ts'
import { readRun } from './run-folder.ts'

let folder: string
let run: Run
let record: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raw-'))
  record = join(folder, 'soak')
  await unpack(join(KIT, 'results', 'reference', 'soak.tar.gz'), record)
  run = await readRun(record)
})
after(() => rm(folder, { recursive: true }))

/** A copy of a committed run, with `spoil` done to it. */
async function missingAfter(spoil: (copy: string) => Promise<void>): Promise<string[]> {
  const copy = await mkdtemp(join(folder, 'copy-'))
  await cp(record, copy, { recursive: true })
  await spoil(copy)
  return await missingTelemetry(copy, run)
}

/** The same, and what its histograms no longer give. */
async function differencesAfter(
  spoil: (copy: string) => Promise<void>,
): Promise<readonly string[]> {
  const copy = await mkdtemp(join(folder, 'copy-'))
  await cp(record, copy, { recursive: true })
  await spoil(copy)
  return (await verifyFigures(run, await openRunFiles(copy))).differences
}

test('of a committed run nothing is missing', async () => {
  assert.deepEqual(await missingTelemetry(record, run), [])
})

test('telemetry that is gone, of another kind, empty, or broken is reported', async () => {
  const path = (copy: string): string => join(copy, 'telemetry.csv')
  const gone = await missingAfter((copy) => rm(path(copy)))
  assert.deepEqual(gone, ['telemetry.csv is missing: the time lines are drawn without it.'])

  const other = await missingAfter((copy) => writeFile(path(copy), '\0\0binary'))
  assert.match(other[0] ?? '', /has not the columns/)

  const empty = await missingAfter(async (copy) => {
    const [head = ''] = (await readFile(path(copy), 'utf8')).split('\n')
    await writeFile(path(copy), `${head}\n`)
  })
  assert.match(empty[0] ?? '', /no row of 1 of 1 stages/)

  const broken = await missingAfter(async (copy) => {
    const text = await readFile(path(copy), 'utf8')
    await writeFile(path(copy), `${text}0,pooled,0,200,1,app,NaN,,1,,,\n0,poo`)
  })
  assert.match(broken[0] ?? '', /: 2 of \d+ rows are broken/)
})

test('pipes, links and files beyond their bound are not read, wherever they lie', async () => {
  const histogramsOf = async (copy: string): Promise<string> => {
    const [name = ''] = await readdir(join(copy, 'histograms'))
    return join(copy, 'histograms', name)
  }
  const broken = /^histograms\/\S+: it cannot be read/
  for (const put of [
    (path: string) => execFileSync('mkfifo', [path]),
    (path: string) => symlink('/dev/zero', path),
    (path: string) => symlink(join(record, 'run.json'), path),
    (path: string) => writeFile(path, ' '.repeat(2 ** 20 + 1)),
  ]) {
    const histogram = await differencesAfter(async (copy) => {
      const path = await histogramsOf(copy)
      await rm(path)
      await put(path)
    })
    assert.match(histogram[0] ?? '', broken)
  }
  const elsewhere = await differencesAfter(async (copy) => {
    await rename(join(copy, 'histograms'), `${copy}-elsewhere`)
    await symlink(`${copy}-elsewhere`, join(copy, 'histograms'))
  })
  assert.match(elsewhere[0] ?? '', broken)
  for (const [put, why] of [
    [(path: string) => execFileSync('mkfifo', [path]), /is not a file/],
    [(path: string) => symlink('/dev/zero', path), /is a link/],
    [(path: string) => writeFile(path, '').then(() => truncate(path, 2 ** 27)), /more than 64 MiB/],
  ] as const) {
    const telemetry = await missingAfter(async (copy) => {
      await rm(join(copy, 'telemetry.csv'))
      await put(join(copy, 'telemetry.csv'))
    })
    assert.match(telemetry[0] ?? '', why)
  }
})

test('a calibration and a fit of the hosts are plain files too', async () => {
  const path = join(folder, 'calibration.json')
  execFileSync('mkfifo', [path])
  const host = { cpuModel: null, cores: 1, platform: 'any' }
  assert.equal(await lastCalibration(path, host), null)
  assert.equal(await knownFit([path], 100_000), null)
})
