import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KIT } from '../kit.ts'
import type { Run } from '../measurement/run.ts'
import { missingRawFiles } from './raw-files.ts'
import { readRun } from './run-folder.ts'

const REFERENCE = join(KIT, 'results', 'reference', 'soak')
let folder: string
let run: Run

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'raw-'))
  run = await readRun(REFERENCE)
})
after(() => rm(folder, { recursive: true }))

/** A copy of a committed run, with `spoil` done to it. */
async function missingAfter(spoil: (copy: string) => Promise<void>): Promise<string[]> {
  const copy = await mkdtemp(join(folder, 'copy-'))
  await cp(REFERENCE, copy, { recursive: true })
  await spoil(copy)
  return await missingRawFiles(copy, run)
}

test('of a committed run nothing is missing', async () => {
  assert.deepEqual(await missingRawFiles(REFERENCE, run), [])
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

test('histograms that are gone or cut are known by their number and the first of them', async () => {
  const gone = await missingAfter((copy) => rm(join(copy, 'histograms'), { recursive: true }))
  assert.match(gone[0] ?? '', /^1 of 1 histograms are missing or broken \(histograms\/0-/)
  const cut = await missingAfter(async (copy) => {
    const [name = ''] = await readdir(join(copy, 'histograms'))
    const text = await readFile(join(copy, 'histograms', name), 'utf8')
    await writeFile(join(copy, 'histograms', name), text.slice(0, -40))
  })
  assert.match(cut[0] ?? '', /^1 of 1 histograms/)
})
