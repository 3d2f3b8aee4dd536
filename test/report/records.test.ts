import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { withAnalysis } from '../../runner/cli/report.ts'
import { createDistribution, encodeHistogram } from '../../runner/load/distribution.ts'
import { bundleOf, digestOf, openRunFiles } from '../../runner/results/bundle.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { verifyFigures } from '../../runner/results/verify.ts'
import { readIndex, recordPath } from '../../scripts/records.ts'
import { STUDY } from '../../study/study.ts'
import { unpacked } from '../fixtures/records.ts'

const index = await readIndex()
const records = index.filter(({ sha256 }) => sha256 !== null)

test('every bundle has its row in the index, and the other way round', async () => {
  const files = (await readdir(dirname(recordPath('')))).toSorted()
  assert.deepEqual(files, records.map(({ name }) => basename(recordPath(name))).toSorted())
})

for (const { name, sha256, startedAt } of records)
  test(`${name} is as it was kept, its latencies are its histograms', no verdict lacks trials`, async () => {
    assert.equal(digestOf(await readFile(recordPath(name))), sha256)
    const run = await readRun(recordPath(name))
    assert.equal(run.startedAt, startedAt)
    const { figures, differences } = await verifyFigures(run, await openRunFiles(recordPath(name)))
    assert.ok(figures > 0)
    assert.deepEqual(differences, [])
    const { claims, crossings } = withAnalysis(run, STUDY)
    for (const { verdict, id } of claims)
      assert.ok(verdict === 'inconclusive' || run.configuration.trials >= 3, id)
    for (const { interval, prediction, provisional } of crossings) {
      assert.equal(interval === null, prediction === null)
      if (provisional) assert.equal(interval, null)
    }
  })

const ONE = 'compose-fit-quick-o'

test('a bundle is the same bytes when it is packed again', async () => {
  const bundle = await bundleOf(await unpacked(ONE))
  assert.equal(digestOf(bundle), digestOf(await readFile(recordPath(ONE))))
})

test('report makes every file of a run, and the same bytes each time', async () => {
  const folder = await unpacked(ONE)
  const readAll = async (): Promise<Map<string, string>> => {
    assert.equal(await runCli(['report', '--verify', folder], {}), 0)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const paths = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name))
    return new Map(
      await Promise.all(
        paths.map(async (path): Promise<[string, string]> => [path, await readFile(path, 'utf8')]),
      ),
    )
  }
  const first = await readAll()
  for (const made of ['report.html', 'report.md', 'stages.csv', 'charts/response-time.svg'])
    assert.ok(first.has(join(folder, made)), made)
  assert.deepEqual(await readAll(), first)
})

test('one latency that is another in a histogram is named, and report --verify ends with 3', async () => {
  const folder = await unpacked(ONE)
  const [file = ''] = (await readdir(join(folder, 'histograms'))).toSorted()
  const path = join(folder, 'histograms', file)
  const data = JSON.parse(await readFile(path, 'utf8'))
  data.endpoints['list-products'].success = encodeHistogram(createDistribution())
  await writeFile(path, JSON.stringify(data))
  const { differences } = await verifyFigures(await readRun(folder), await openRunFiles(folder))
  assert.ok(differences.length > 0)
  for (const text of differences) assert.ok(text.startsWith(`histograms/${file}, `), text)
  assert.equal(await runCli(['report', '--verify', folder], {}), 3)
  assert.equal(await runCli(['report', folder], {}), 0)
})

test('one byte that is altered in a bundle is told', async () => {
  const place = await mkdtemp(join(tmpdir(), 'bundle-'))
  try {
    const copy = join(place, 'altered.tar.gz')
    await cp(recordPath(ONE), copy)
    const bytes = await readFile(copy)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = (bytes[middle] ?? 0) ^ 1
    await writeFile(copy, bytes)
    await assert.rejects(readRun(copy), /altered\.tar\.gz/)
  } finally {
    await rm(place, { recursive: true })
  }
})
