import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KIT } from '../kit.ts'
import type { Run } from '../measurement/run.ts'
import { unpack } from './bundle.ts'
import { missingTelemetry } from './raw-files.ts'
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
