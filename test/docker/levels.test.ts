import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { vary } from '../../runner/cli/vary.ts'
import type { Run } from '../../runner/measurement/run.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker, KIT, type Outcome } from './kit.ts'

/** Of the checkout, what no image is made of. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'results'])
/** Levels of one setting, on each kind of service that has one. */
const CONFIRMED = {
  'pool-size-1': { DB_POOL_MAX: '1' },
  'pool-size-50': { DB_POOL_MAX: '50' },
  'pool-size-fastapi-5': { DB_POOL_MAX: '5' },
  'pool-size-fastapi-20': { DB_POOL_MAX: '20' },
  'prepared-off': { DB_PREPARE: 'off' },
  'prepared-on': { DB_PREPARE: 'on' },
  'workers-django-2x5': { WEB_CONCURRENCY: '2', DB_WORKERS: '5' },
  'workers-django-4x2': { WEB_CONCURRENCY: '4', DB_WORKERS: '2' },
  'vary-go-pooled-gomaxprocs-1': { GOMAXPROCS: '1' },
  'vary-go-pooled-gomaxprocs-2': { GOMAXPROCS: '2' },
} as const
const CPUS = { 'vary-pooled-cpus-0-1': 0.1, 'vary-pooled-cpus-0-7': 0.7 } as const
const MEMORY = ['vary-pooled-mem-limit-256m', 'vary-pooled-mem-limit-384m']
const EMPTY = ['vary-fastapi-pooled-db-workers-1', 'vary-fastapi-pooled-db-workers-5']
const SHORT = ['--profile', 'smoke', '--users', '5', '--warm-up', '0.2s', '--hold', '1s']

/** What an arm is told to be, and what it is: in containers. */
void suite('levels, as Compose starts them', { skip: await skipWithoutEngine() }, () => {
  let root: string
  let results: string

  const ENV = {
    COMPOSE_PROJECT_NAME: `samehost-levels-${process.pid}`,
    // Images of its own: this checkout has arms that no other has.
    SAMEHOST_TAG: `levels-${process.pid}`,
    SAMEHOST_PORT: '0',
    ARMS: [...Object.keys(CONFIRMED), ...Object.keys(CPUS), ...MEMORY, ...EMPTY].join(','),
  }
  const compose = (...args: string[]): Promise<Outcome> =>
    docker(['compose', '--project-directory', root, ...args], {
      ...ENV,
      SAMEHOST_RESULTS: results,
    })
  const bench = (...args: string[]): Promise<Outcome> =>
    compose('run', '--rm', '--no-deps', '-T', 'bench', ...args)

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'levels-'))
    const filter = (path: string): boolean => !NOT_COPIED.has(relative(KIT, path))
    await cp(KIT, root, { recursive: true, filter })
    results = join(root, 'results')
    await mkdir(results)
    await vary(['pooled', 'cpus=0.1,0.7'], {}, root)
    await vary(['pooled', 'mem_limit=256m,384m'], {}, root)
    await vary(['go-pooled', 'GOMAXPROCS=1,2'], {}, root)
    await vary(['fastapi-pooled', 'DB_WORKERS=1,5'], {}, root)
    for (const args of [
      ['build', 'bench'],
      ['up', '-d', '--build', 'nginx', 'stats-window'],
    ]) {
      const { code, stderr } = await compose(...args)
      assert.equal(code, 0, stderr.slice(-3_000))
    }
  })

  after(async () => {
    await compose('down', '-v', '-t', '2', '--remove-orphans')
    const built = ['runner', 'nginx', 'commerce', 'floor', 'fastapi', 'django', 'go']
    await docker(['image', 'rm', ...built.map((name) => `samehost-${name}:${ENV.SAMEHOST_TAG}`)])
    await rm(root, { recursive: true })
  })

  async function measured(arms: readonly string[], ...args: string[]): Promise<Run> {
    const known = new Set(await readdir(results))
    const done = await bench(...SHORT, ...args, '--arms', arms.join(','))
    assert.equal(done.code, 0, done.stdout.slice(-2_000) + done.stderr.slice(-2_000))
    const [made = ''] = (await readdir(results)).filter((name) => !known.has(name))
    return await readRun(join(results, made))
  }

  test('each level goes by what it was told, by the word of its service', async () => {
    const { trials } = await measured(Object.keys(CONFIRMED))
    for (const [arm, told] of Object.entries(CONFIRMED)) {
      const trial = trials.find((each) => each.arm === arm)
      for (const [name, value] of Object.entries(told))
        assert.equal(trial?.identity?.settings?.[name], value, `${arm}: ${name}`)
      const checks = trial?.stages.flatMap(({ validity }) => validity.reasons) ?? []
      assert.ok(!checks.some(({ check }) => check === 'settings'))
    }
  })

  test('a level of CPU has its own limit whatever HOSTS gives the others, and one of memory its own', async () => {
    const { trials } = await measured([...Object.keys(CPUS), ...MEMORY], '--hosts', '0.26')
    const limitsOf = (arm: string) => trials.find((trial) => trial.arm === arm)?.armLimits
    for (const [arm, cores] of Object.entries(CPUS)) assert.equal(limitsOf(arm)?.cores, cores, arm)
    for (const [at, megabytes] of [256, 384].entries()) {
      const limits = limitsOf(MEMORY[at] ?? '')
      assert.equal(limits?.cores, 0.26)
      assert.equal(limits.memoryBytes, megabytes * 2 ** 20)
      assert.equal(limits.pids, 256)
    }
  })

  test('levels that change nothing are refused by name before anything is measured', async () => {
    const { code, stderr } = await bench(...SHORT, '--arms', EMPTY.join(','))
    assert.equal(code, 2, stderr)
    for (const arm of EMPTY)
      assert.match(stderr, new RegExp(`${arm}: its level is not confirmed: .*DB_WORKERS`))
  })

  for (const arm of [
    'pool-size-1',
    'pool-size-fastapi-5',
    'workers-django-2x5',
    'vary-go-pooled-gomaxprocs-1',
  ])
    test(`${arm}: its service refuses a variable that it does not know, by name`, async () => {
      const args = ['--rm', '-T', '--no-deps', '-e', 'DB_POOLMAX=5', arm]
      const { code, stdout, stderr } = await compose('run', ...args)
      assert.notEqual(code, 0)
      assert.match(stdout + stderr, /DB_POOLMAX(:| is) no variable of this service: give one of/)
    })
})
