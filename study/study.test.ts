import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { analyse } from '../runner/analysis/analyse.ts'
import { answerText } from '../runner/report/answer.ts'
import { loadStudy } from '../runner/study.ts'
import { simulatedRun } from '../test/fixtures/simulated-run.ts'
import { STUDY } from './study.ts'

const KIT = fileURLToPath(new URL('../', import.meta.url))
const FILES = ['study.yaml', 'claims.yaml', 'figures.yaml']
const places: string[] = []
after(async () => {
  for (const folder of places) await rm(folder, { recursive: true, force: true })
})

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'study-'))
  places.push(folder)
  return folder
}

/** A folder with a copy of the study in it. */
async function copied(): Promise<string> {
  const kit = await place()
  await mkdir(join(kit, 'study'))
  for (const file of FILES) await cp(join(KIT, 'study', file), join(kit, 'study', file))
  return kit
}

const ONE_MORE = `
  - id: twice-for-a-test
    kind: conclusion
    statement: The pool crosses at twice the users.
    quoted: 40 users against 20
    arms: any
    over: pooled
    under: per-request
    bands:
      - { figure: crossings, low: 3/2, high: 5/2, derived: half a step either way, above: by more }
`

test('another claim is an entry in claims.yaml: it is judged with the others, by its own band', async () => {
  const kit = await copied()
  await appendFile(join(kit, 'study', 'claims.yaml'), ONE_MORE)
  const run = simulatedRun({ trials: 3 })
  const before = analyse({ ...run, study: STUDY }).claims
  const claims = analyse({ ...run, study: await loadStudy(kit) }).claims
  assert.deepEqual(
    claims.map(({ id }) => id),
    [...before.map(({ id }) => id), 'twice-for-a-test'],
  )
  const added = claims.at(-1)
  assert.deepEqual([added?.verdict, added?.reason], ['not reproduced', 'by more'])
  assert.match(added?.predicate ?? '', /two crossings lies between 1\.50 and 2\.50/)
})

for (const [file, from, to, fault] of [
  [
    'claims.yaml',
    'figure: ceilings',
    'figure: hearsay',
    /claims\.yaml: claims \d bands \d figure /,
  ],
  ['claims.yaml', 'low: 48.5/28', 'low: 48.5/0', /claims\.yaml: claims 6 bands 0 low /],
  ['claims.yaml', 'registeredOn:', 'registered:', /claims\.yaml: /],
  ['figures.yaml', 'part: db', 'part: nginx', /figures\.yaml: predictions 2/],
  ['study.yaml', 'appVcpus: 1', 'appVcpus: none', /study\.yaml: hosts appVcpus /],
] as const)
  test(`${file} with “${to}” is refused, with the file and the field`, async () => {
    const kit = await copied()
    const path = join(kit, 'study', file)
    const text = await readFile(path, 'utf8')
    assert.ok(text.includes(from))
    await writeFile(path, text.replace(from, to))
    await assert.rejects(loadStudy(kit), fault)
  })

test('a study without one of its files is refused, not read in part', async () => {
  const kit = await copied()
  await rm(join(kit, 'study', 'claims.yaml'))
  await assert.rejects(loadStudy(kit), /no claims\.yaml/)
})

test('without a study the crossings are the same, and no claim is judged', async () => {
  const study = await loadStudy(await place())
  assert.equal(study, null)
  const run = simulatedRun({ trials: 3 })
  const [found, judged] = [analyse({ ...run, study }), analyse({ ...run, study: STUDY })]
  assert.deepEqual(found.crossings, judged.crossings)
  assert.deepEqual(found.claims, [])
  assert.doesNotMatch(answerText({ ...run, ...found }), /claim/)
})

test('a checkout without the folder study reports a run of record, and refuses the words of the study', async () => {
  const kit = await place()
  await cp(join(KIT, 'runner'), join(kit, 'runner'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  await cp(join(KIT, 'package.json'), join(kit, 'package.json'))
  for (const folder of ['node_modules', 'runner/node_modules'])
    await symlink(join(KIT, folder), join(kit, folder))
  const record = 'compose-fit-quick-o.tar.gz'
  await mkdir(join(kit, 'results'))
  await cp(join(KIT, 'results', 'reference', record), join(kit, record))
  const bench = (...args: string[]) =>
    promisify(execFile)(process.execPath, [join(kit, 'runner/start.js'), ...args], { cwd: kit })
  const { stdout } = await bench('report', record)
  assert.match(stdout, /serves [\d.]+ times the users of/)
  assert.doesNotMatch(stdout, /claim|Verdict/)
  const run = JSON.parse(await readFile(join(kit, 'results/compose-fit-quick-o/run.json'), 'utf8'))
  assert.deepEqual(run.claims, [])
  await assert.rejects(bench('--hosts', STUDY.id), (error: Error & { code?: number }) => {
    assert.match(error.message, /there is pinned, fit, or a speed/)
    return error.code === 2
  })
})

test('the README, the citation and the page of the study name its sources and commits', async () => {
  const [readme = '', citation, page] = await Promise.all(
    ['README.md', 'CITATION.cff', `docs/${STUDY.id}.md`].map((path) =>
      readFile(join(KIT, path), 'utf8'),
    ),
  )
  assert.ok(STUDY.sources.length >= 3)
  for (const { url, commit } of STUDY.sources)
    for (const text of [readme, citation, page])
      for (const named of [url, ...(commit === undefined ? [] : [commit])])
        assert.ok(text?.includes(named), named)
})
