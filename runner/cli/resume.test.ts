import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SHOP_ENV } from '../../test/fixtures/shop.ts'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Environment } from '../measurement/environment.ts'
import type { Run } from '../measurement/run.ts'
import { resumeCommand } from '../plan/options.ts'
import { readRunOptions, UsageError } from './options.ts'
import { prepareResumed, resumedRun } from './resume.ts'
import { chooseTestbed } from './testbeds.ts'

const part = { host: 'here', version: null, image: null, imageId: 'sha256:1', digest: null }
const simulated = simulatedRun({ trials: 3 })
const run: Run = {
  ...simulated,
  environment: {
    ...simulated.environment,
    limitCores: 1.78,
    database: { version: '12.7', settings: { shared_buffers: '128MB', fsync: 'on' } },
    parts: [
      {
        ...part,
        part: 'app',
        name: 'pooled',
        standIn: false,
        cpuLimitCores: 0.26,
        memoryLimitMb: 512,
      },
    ],
  },
}
const LATER = '2026-01-05T08:00:00.000Z'

/** Resumed where what it stands on is changed like this. */
function on(change: (environment: Environment) => Environment): Run {
  const environment = change(structuredClone(run.environment))
  return resumedRun('DIR', run, { now: { ...run, startedAt: LATER, environment }, of: 9 })
}

const [pooled] = run.environment.parts
assert.ok(pooled)

const CHANGES: readonly (readonly [RegExp, (environment: Environment) => Environment])[] = [
  [
    /the testbed was .* and is embedded: no limits\./,
    (e) => ({ ...e, label: 'embedded: no limits' }),
  ],
  [/the version of Node was v\S+ and is v26\.0\.0\./, (e) => ({ ...e, node: 'v26.0.0' })],
  [/the CPU was .* and is unknown/, (e) => ({ ...e, host: { ...e.host, cpuModel: null } })],
  [/the number of cores was \d+ and is 64/, (e) => ({ ...e, host: { ...e.host, cores: 64 } })],
  [/the memory in MB was \d+ and is 500/, (e) => ({ ...e, host: { ...e.host, memoryMb: 500 } })],
  [/the CPU limit of pooled in cores was 0\.26 and is unknown/, (e) => ({ ...e, parts: [] })],
  [
    /the memory limit of pooled in MB was 512 and is 1024/,
    (e) => ({ ...e, parts: [{ ...pooled, memoryLimitMb: 1024 }] }),
  ],
  [
    /the sum of the CPU limits in cores was 1\.78 and is unknown/,
    (e) => ({ ...e, limitCores: null }),
  ],
  [
    /the version of the database was 12\.7 and is 17\.2/,
    (e) => ({ ...e, database: { ...e.database, version: '17.2' } }),
  ],
  [
    /the database’s fsync was on and is off/,
    ({ database: { version, settings }, ...e }) => ({
      ...e,
      database: { version, settings: { ...settings, fsync: 'off' } },
    }),
  ],
]

for (const [refusal, change] of CHANGES) {
  test(`a run is not resumed where ${refusal.source}`, () => {
    assert.throws(
      () => on(change),
      (error) => {
        assert.ok(error instanceof UsageError)
        assert.match(error.message, refusal)
        assert.match(error.message, /^--resume DIR: [^]*\nIts trials would be unlike: resume it on/)
        return true
      },
    )
  })
}

test('what cannot decide a figure is a warning, and what an older samehost did not record is nothing', () => {
  const { warnings, trials } = on((e) => ({
    ...e,
    git: { ...e.git, commit: 'fedcba9' },
    host: { ...e.host, memoryMb: e.host.memoryMb * 1.004 },
    parts: [{ ...pooled, imageId: 'sha256:2' }],
    database: { ...e.database, settings: { ...e.database.settings, huge_pages: 'try' } },
  }))
  assert.equal(trials, run.trials)
  assert.deepEqual(warnings.slice(run.warnings.length), [
    `Resumed at ${LATER} after ${run.trials.length} of 9 trials.`,
    `When resumed, the commit was ${run.environment.git.commit ?? 'unknown'} and is fedcba9.`,
    'When resumed, the image of pooled was sha256:1 and is sha256:2.',
  ])
})

test('the pause is all that was not a kept trial, however often the run was resumed', () => {
  const lengthMs = Date.parse(LATER) - Date.parse(run.startedAt)
  const { pausedMs = 0 } = on((e) => e)
  assert.ok(pausedMs > 0.9 * lengthMs && pausedMs < lengthMs)
  const twice = resumedRun(
    'DIR',
    { ...run, pausedMs },
    { now: { ...run, startedAt: LATER }, of: 9 },
  )
  assert.equal(twice.pausedMs, pausedMs)
})

test('the command that resumes a remote run with --stats is accepted', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'resumed-'))
  t.after(() => rm(folder, { recursive: true }))
  const { configuration, environment } = simulated
  const remote: Run = {
    ...simulated,
    environment: { ...environment, testbed: 'remote' },
    configuration: {
      ...configuration,
      targets: configuration.arms.map(({ name }) => ({ name, url: 'http://127.0.0.1:9000' })),
      stats: [{ name: 'db', url: 'http://127.0.0.1:9323/db' }],
    },
    trials: [],
  }
  await writeFile(join(folder, 'run.json'), JSON.stringify(remote))
  const [, words = ''] = resumeCommand(remote, folder).split(' -- ')
  const options = readRunOptions(words.split(' '), {}, null)
  assert.ok('profile' in options, JSON.stringify(options))
  const { of } = await prepareResumed(folder, options, await chooseTestbed(options, SHOP_ENV))
  assert.equal(of, 9)
})
