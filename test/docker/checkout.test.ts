import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { add } from '../../runner/cli/add.ts'
import { vary } from '../../runner/cli/vary.ts'
import type { Run } from '../../runner/measurement/run.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { skipWithoutEngine } from './engine.ts'
import { build, docker, KIT, type Outcome } from './kit.ts'

/** Of the checkout, what no image is made of. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'results'])
/** Images of its own: this checkout has arms that no other has. */
const TAG = `checkout-${process.pid}`

/** A level of each kind of service, by the setting that it is told. */
const CONFIRMED = {
  'pool-size-1': { DB_POOL_MAX: '1' },
  'pool-size-fastapi-5': { DB_POOL_MAX: '5' },
  'workers-django-2x5': { WEB_CONCURRENCY: '2', DB_WORKERS: '5' },
  'vary-go-pooled-gomaxprocs-1': { GOMAXPROCS: '1' },
} as const
const CPUS = 'vary-pooled-cpus-0-7'
const MEMORY = 'vary-pooled-mem-limit-256m'
const ADDED = 'mine'
const MEASURED = [...Object.keys(CONFIRMED), CPUS, MEMORY, ADDED]
/** Levels that change nothing. */
const EMPTY = ['vary-fastapi-pooled-db-workers-1', 'vary-fastapi-pooled-db-workers-5']
/** A proxy that nothing answers at: who goes through it gets nowhere. */
const PROXY = 'http://127.0.0.1:9'

test('with core.autocrlf=true no script or configuration gets a CR', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'autocrlf-'))
  t.after(() => rm(folder, { recursive: true }))
  const origin = join(folder, 'origin')
  for (const path of ['.gitattributes', 'nginx', 'runner/enter.sh', 'services/contract.yaml']) {
    await cp(join(KIT, path), join(origin, path), { recursive: true })
  }
  const git = (...args: string[]): void => {
    const user = ['-c', 'user.name=a', '-c', 'user.email=a@localhost']
    execFileSync('git', [...user, ...args], { stdio: 'pipe' })
  }
  git('init', '-q', origin)
  git('-C', origin, 'add', '.')
  git('-C', origin, 'commit', '-q', '-m', 'as it is')
  const clone = join(folder, 'clone')
  git('clone', '-q', '-c', 'core.autocrlf=true', origin, clone)
  const files = (await readdir(clone, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && !entry.parentPath.includes('/.git'),
  )
  assert.ok(files.some(({ name }) => name === 'start.sh'))
  for (const { parentPath, name } of files) {
    assert.ok(!(await readFile(join(parentPath, name), 'utf8')).includes('\r'), name)
  }
})

/**
 * Readable by its owner alone, with a colon in its path, behind a proxy, with results in a folder by name, with
 * an arm that `add` began and levels that `vary` wrote: built, and run once with all of its arms.
 */
void suite('a checkout where people are', { skip: await skipWithoutEngine() }, () => {
  let folder: string
  let kit: string
  let done: Outcome
  let run: Run
  const env: Record<string, string> = {
    COMPOSE_PROJECT_NAME: `samehost-checkout-${process.pid}`,
    SAMEHOST_PORT: '0',
    SAMEHOST_TAG: TAG,
    ARMS: [...MEASURED, ...EMPTY].join(','),
  }
  const compose = (...args: string[]): Promise<Outcome> =>
    docker(['compose', '--project-directory', kit, ...args], env)
  const bench = (...args: string[]): Promise<Outcome> =>
    compose('run', '--rm', '--no-deps', '-T', 'bench', ...args)

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'checkout-'))
    kit = join(folder, 'a:b')
    const filter = (path: string): boolean => !NOT_COPIED.has(relative(KIT, path))
    await cp(KIT, kit, { recursive: true, filter })
    await mkdir(join(kit, 'mine'))
    await add([ADDED], {}, kit)
    await copyFile(`${KIT}services/commerce/Dockerfile`, join(kit, 'services/mine/Dockerfile'))
    await vary(['pooled', 'cpus=0.1,0.7'], {}, kit)
    await vary(['pooled', 'mem_limit=256m,384m'], {}, kit)
    await vary(['go-pooled', 'GOMAXPROCS=1,2'], {}, kit)
    await vary(['fastapi-pooled', 'DB_WORKERS=1,5'], {}, kit)
    // What a clone made under `umask 077` has.
    execFileSync('chmod', ['-R', 'go-rwx', kit])
    // Of these the checkout has other files, or another way to read them; the rest is the kit's.
    const built = await compose('build', 'bench', 'nginx', ADDED, 'pool-size-1')
    assert.equal(built.code, 0, built.stderr.slice(-3_000))
    await build('fastapi-pooled', 'django-pooled', 'go-pooled')
    for (const name of ['fastapi', 'django', 'go'])
      await docker(['tag', `samehost-${name}:local`, `samehost-${name}:${TAG}`])

    const config = {
      cliPluginsExtraDirs: [join(homedir(), '.docker', 'cli-plugins')],
      proxies: { default: { httpProxy: PROXY, httpsProxy: PROXY } },
    }
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    Object.assign(env, { DOCKER_CONFIG: folder, SAMEHOST_RESULTS: 'mine' })
    const up = await compose('up', '-d', '--wait', 'nginx', 'stats-window')
    assert.equal(up.code, 0, `a health check goes through the proxy: ${up.stderr.slice(-3_000)}`)
    const short = ['--profile', 'smoke', '--users', '5', '--warm-up', '0.2s', '--hold', '1s']
    done = await bench(...short, '--hosts', '0.3', '--arms', MEASURED.join(','))
    assert.equal(done.code, 0, done.stdout.slice(-2_000) + done.stderr.slice(-2_000))
    const [made = ''] = await readdir(join(kit, 'mine'))
    run = await readRun(join(kit, 'mine', made))
  })

  after(async () => {
    await compose('down', '-v', '-t', '2', '--remove-orphans')
    const built = ['runner', 'nginx', 'commerce', 'fastapi', 'django', 'go', ADDED]
    await docker(['image', 'rm', ...built.map((name) => `samehost-${name}:${TAG}`)])
    await rm(folder, { recursive: true, force: true })
  })

  const trialOf = (arm: string) => run.trials.find((trial) => trial.arm === arm)

  test('readable by its owner alone, with a colon in its path, behind a proxy, and results in a folder by name', async () => {
    assert.deepEqual(
      MEASURED.map((arm) => [arm, trialOf(arm)?.state]),
      MEASURED.map((arm) => [arm, 'complete']),
    )
    const proxied = await compose('exec', '-T', ADDED, 'sh', '-c', 'echo $HTTP_PROXY')
    assert.equal(proxied.stdout.trim(), PROXY)
  })

  test('the arm that was added keeps the contract, and stands in the tables', () => {
    assert.ok(trialOf(ADDED)?.audit?.passed)
    assert.match(done.stdout, new RegExp(`^${ADDED} +\\S`, 'm'))
  })

  test('each level goes by what it was told, by the word of its service', () => {
    for (const [arm, told] of Object.entries(CONFIRMED)) {
      const trial = trialOf(arm)
      for (const [name, value] of Object.entries(told))
        assert.equal(trial?.identity?.settings?.[name], value, `${arm}: ${name}`)
      const checks = trial?.stages.flatMap(({ validity }) => validity.reasons) ?? []
      assert.ok(!checks.some(({ check }) => check === 'settings'))
    }
  })

  test('a level of CPU has its own limit whatever HOSTS gives the others, and one of memory its own', () => {
    assert.equal(trialOf(CPUS)?.armLimits?.cores, 0.7)
    const limits = trialOf(MEMORY)?.armLimits
    assert.equal(limits?.cores, 0.3)
    assert.equal(limits.memoryBytes, 256 * 2 ** 20)
    assert.equal(limits.pids, 256)
  })

  test('levels that change nothing are refused by name before anything is measured', async () => {
    const { code, stderr } = await bench('--profile', 'smoke', '--arms', EMPTY.join(','))
    assert.equal(code, 2, stderr)
    for (const arm of EMPTY)
      assert.match(stderr, new RegExp(`${arm}: its level is not confirmed: .*DB_WORKERS`))
  })

  for (const arm of Object.keys(CONFIRMED))
    test(`${arm}: its service refuses a variable that it does not know, by name`, async () => {
      const args = ['--rm', '-T', '--no-deps', '-e', 'DB_POOLMAX=5', arm]
      const { code, stdout, stderr } = await compose('run', ...args)
      assert.notEqual(code, 0)
      assert.match(stdout + stderr, /DB_POOLMAX(:| is) no variable of this service: give one of/)
    })
})
