import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Run } from '../../runner/measurement/run.ts'
import { KIT } from '../docker/kit.ts'
import { unpacked } from '../fixtures/records.ts'

const ONE = await unpacked('compose-fit-quick-j')
const OTHER = await unpacked('compose-fit-quick-k')
const COLUMNS = 100

let folder: string
before(async () => void (folder = await mkdtemp(join(tmpdir(), 'compare-'))))
after(() => rm(folder, { recursive: true }))

type Outcome = Readonly<{ code: number; stdout: string; stderr: string }>

const compare = (...args: readonly string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    const env = { ...process.env, COLUMNS: String(COLUMNS), NO_COLOR: '1' }
    execFile(
      process.execPath,
      [`${KIT}runner/main.ts`, 'compare', ...args],
      { env },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })

/** The run of `ONE`, changed, in a folder of its own. */
async function changed(name: string, change: (run: Run) => unknown): Promise<string> {
  const at = join(folder, name)
  await mkdir(at)
  const run = JSON.parse(await readFile(join(ONE, 'run.json'), 'utf8')) as Run
  await writeFile(join(at, 'run.json'), JSON.stringify(change(run)))
  return at
}

const later = (at: string): string => new Date(Date.parse(at) + 3_600_000).toISOString()
const anHourLater = (run: Run): Run => ({
  ...run,
  startedAt: later(run.startedAt),
  trials: run.trials.map((trial) => ({ ...trial, startedAt: later(trial.startedAt) })),
})

/** As a change to the kit between two runs leaves it. */
const ofAnotherKit = (run: Run): Run => ({
  ...anHourLater(run),
  environment: {
    ...run.environment,
    git: { commit: '0'.repeat(40), dirty: false },
    parts: run.environment.parts.map((part) =>
      part.part === 'runner' ? { ...part, imageId: `sha256:${'0'.repeat(64)}` } : part,
    ),
  },
})

const configured = (change: Partial<Run['configuration']>) => (run: Run) => ({
  ...run,
  configuration: { ...run.configuration, ...change },
})

test('two runs with the same figures: every ratio is 1, in 100 columns', async () => {
  const { code, stdout, stderr } = await compare(ONE, await changed('later', anHourLater))
  assert.equal(code, 0, stderr)
  const ratios = [...stdout.matchAll(/µs\/req +[\d.]+ +[\d.]+ +([\d.]+) /g)].map(
    ([, ratio]) => ratio,
  )
  assert.deepEqual(
    ratios,
    Array.from({ length: 6 }, () => '1.000'),
    stdout,
  )
  for (const line of stdout.split('\n')) assert.ok(line.length <= COLUMNS, line)
})

test('a trial that broke off is said of its side', async () => {
  const cut = await changed('broken-off', (run) => ({
    ...anHourLater(run),
    trials: anHourLater(run).trials.map((trial) => {
      if (trial.arm !== 'pooled' || trial.index !== 2) return trial
      const identity = { arm: 'pooled', instance: 'a1', proofs: 3, heldStages: 2 }
      return { ...trial, state: 'aborted', abortedBy: 'other', problem: 'Interrupted.', identity }
    }),
  }))
  const { code, stdout, stderr } = await compare(ONE, cut)
  assert.equal(code, 0, stderr)
  assert.match(stdout, /B: [^\n]*\n +begun [^\n]*\n +pooled, trial 3, is left out but for 2 of its/)
})

test('two runs are named, and every arm that both have stands in a table', async () => {
  const { code, stdout, stderr } = await compare(ONE, OTHER)
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^A: .*compose-fit-quick-j \(1 run, 9 trials\)$/m)
  assert.match(stdout, /^B: .*compose-fit-quick-k \(1 run, 9 trials\)$/m)
  for (const arm of ['pooled', 'persistent', 'per-request'])
    assert.match(stdout, new RegExp(`^${arm}\\b`, 'm'))
})

test('a folder of like runs counts as one side', async () => {
  const both = join(folder, 'both')
  await cp(ONE, join(both, 'a'), { recursive: true })
  await cp(await changed('again', anHourLater), join(both, 'b'), { recursive: true })
  const { code, stdout, stderr } = await compare(both, OTHER)
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^A: .*both \(2 runs, 18 trials\)$/m)
})

test('a folder of runs that are not alike is refused, and says in what', async () => {
  const unlike = join(folder, 'unlike')
  await cp(ONE, join(unlike, 'a'), { recursive: true })
  await cp(await changed('other-kit', ofAnotherKit), join(unlike, 'b'), { recursive: true })
  const { code, stderr } = await compare(unlike, await changed('third', anHourLater))
  assert.equal(code, 2)
  assert.match(stderr, /The runs in A are not alike: commit .*, runner: bench/)
})

const REFUSED: readonly (readonly [what: string, other: () => Promise<string>, word: RegExp])[] = [
  [
    'another think time',
    () => changed('think', configured({ thinkMs: { min: 0, max: 0 } })),
    /think/i,
  ],
  ['another threshold', () => changed('threshold', configured({ thresholdMs: 200 })), /threshold/i],
  [
    'another version of the results',
    () => changed('version', (run) => ({ ...run, version: 999 })),
    /version 999/,
  ],
  ['a run that is not whole', () => changed('cut', () => ({ version: 'none' })), /version none/],
  ['a folder without a run', () => mkdtemp(join(folder, 'empty-')), /is no run and holds none/],
  [
    'a folder that is not there',
    () => Promise.resolve(join(folder, 'nowhere')),
    /is no run and holds none/,
  ],
]
for (const [what, other, word] of REFUSED)
  test(`${what} is refused with 2, and nothing is printed as a result`, async () => {
    const { code, stdout, stderr } = await compare(ONE, await other())
    assert.equal(code, 2, stdout)
    assert.match(stderr, word)
    assert.equal(stdout, '')
  })

test('one folder, or three, are refused', async () => {
  for (const folders of [[ONE], [ONE, ONE, ONE]]) {
    const { code, stderr } = await compare(...folders)
    assert.equal(code, 2)
    assert.match(stderr, /compare DIR DIR/)
  }
})
