import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, suite, test } from 'node:test'
import { readRun } from '../../runner/results/run-folder.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker, KIT } from './kit.ts'

/** Of the checkout, what no image is made of. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'results'])
const TAG = `checkout-${process.pid}`

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

void suite('a checkout where people are', { skip: await skipWithoutEngine() }, () => {
  let folder: string
  const env: Record<string, string> = {
    COMPOSE_PROJECT_NAME: `samehost-checkout-${process.pid}`,
    SAMEHOST_PORT: '0',
    SAMEHOST_TAG: TAG,
    ARMS: 'pooled',
  }
  const compose = (...args: string[]) =>
    docker(['compose', '--project-directory', join(folder, 'a:b'), ...args], env)

  after(async () => {
    await compose('down', '-v')
    await docker([
      'image',
      'rm',
      ...['commerce', 'nginx', 'runner'].map((n) => `samehost-${n}:${TAG}`),
    ])
    await rm(folder, { recursive: true, force: true })
  })

  test('readable by its owner alone, with a colon in its path, behind a proxy, and results in a folder by name', async () => {
    folder = await mkdtemp(join(tmpdir(), 'checkout-'))
    const kit = join(folder, 'a:b')
    const filter = (path: string): boolean => !NOT_COPIED.has(relative(KIT, path))
    await cp(KIT, kit, { recursive: true, filter })
    await mkdir(join(kit, 'mine'))
    // What a clone made under `umask 077` has.
    execFileSync('chmod', ['-R', 'go-rwx', kit])
    const built = await compose('build')
    assert.equal(built.code, 0, built.stderr)

    // A proxy that nothing answers at: who goes through it gets nowhere.
    const proxy = 'http://127.0.0.1:9'
    const config = {
      cliPluginsExtraDirs: [join(homedir(), '.docker', 'cli-plugins')],
      proxies: { default: { httpProxy: proxy, httpsProxy: proxy } },
    }
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    Object.assign(env, { DOCKER_CONFIG: folder, SAMEHOST_RESULTS: 'mine' })
    const options = ['--profile', 'smoke', '--users', '2', '--hold', '2s']
    const run = await compose('run', '--rm', '-T', 'bench', ...options)
    assert.equal(run.code, 0, run.stdout.slice(-2_000) + run.stderr.slice(-2_000))
    const [made = ''] = await readdir(join(kit, 'mine'))
    const { trials } = await readRun(join(kit, 'mine', made))
    assert.deepEqual(
      trials.map(({ arm, state }) => [arm, state]),
      [['pooled', 'complete']],
    )

    const proxied = await compose('exec', '-T', 'pooled', 'sh', '-c', 'echo $HTTP_PROXY')
    assert.equal(proxied.stdout.trim(), proxy, 'the client hands its proxy to the containers')
    const up = await compose('up', '-d', '--wait', 'nginx', 'pooled', 'stats-window')
    assert.equal(up.code, 0, `a health check goes through the proxy: ${up.stderr}`)
  })
})
