import assert from 'node:assert/strict'
import { copyFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { after, suite, test } from 'node:test'
import { add } from '../../runner/cli/add.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker, KIT } from './kit.ts'

/** Of the checkout, what no image is made of. */
const NOT_COPIED = new Set(['.git', 'node_modules', 'results'])

const TAG = `add-${process.pid}`
const IMAGES = ['samehost-mine', 'samehost-runner']

void suite('npm run bench -- add', { skip: await skipWithoutEngine() }, async () => {
  const root = await mkdtemp(join(tmpdir(), 'add-'))
  after(() => rm(root, { recursive: true }))

  test('docker compose accepts the arm, limited and contained as the others', async () => {
    await cp(`${KIT}compose.yaml`, join(root, 'compose.yaml'))
    await cp(`${KIT}compose`, join(root, 'compose'), { recursive: true })
    await mkdir(join(root, 'services'))
    await add(['mine'], {}, root)
    const args = ['--project-directory', root, '--profile', '*', 'config', '--format', 'json']
    const config = await docker(['compose', '-f', join(root, 'compose.yaml'), ...args])
    assert.equal(config.code, 0, config.stderr)
    type Service = Record<string, unknown> & { build: { dockerfile: string } }
    const { mine, pooled } = (
      JSON.parse(config.stdout) as { services: { mine: Service; pooled: Service } }
    ).services
    assert.equal(mine.build.dockerfile, 'services/mine/Dockerfile')
    for (const same of [
      'cpu_period',
      'cpu_quota',
      'mem_limit',
      'memswap_limit',
      'read_only',
      'cap_drop',
      'networks',
    ]) {
      assert.notEqual(pooled[same], undefined, same)
      assert.deepEqual(mine[same], pooled[same], same)
    }
  })

  test('filled in, it is built, keeps the contract, and stands in the tables of a run', async () => {
    const kit = join(root, 'kit')
    const filter = (path: string): boolean => !NOT_COPIED.has(relative(KIT, path))
    await cp(KIT, kit, { recursive: true, filter })
    await mkdir(join(kit, 'results'))
    await add(['mine'], {}, kit)
    await copyFile(`${KIT}services/commerce/Dockerfile`, join(kit, 'services/mine/Dockerfile'))

    const env = {
      COMPOSE_PROJECT_NAME: `samehost-add-${process.pid}`,
      SAMEHOST_PORT: '0',
      ARMS: 'mine',
      // Images of its own: another test may build the kit's at the same time.
      SAMEHOST_TAG: TAG,
    }
    const compose = (...args: string[]) =>
      docker(['compose', '--project-directory', kit, ...args], env)
    const succeed = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await compose(...args)
      assert.equal(code, 0, `${args.join(' ')}\n${stdout}${stderr}`)
      return stdout
    }
    try {
      await succeed('build')
      const verified = await succeed('run', '--rm', '-T', 'bench', 'verify', 'mine')
      assert.match(verified, /^(\d+) of \1 cases of the contract hold at \S+\/mine\.$/m)
      const reported = await succeed('run', '--rm', '-T', 'bench', '--profile', 'smoke')
      assert.match(reported, /^mine +\d/m)
    } finally {
      await compose('down', '-v', '--remove-orphans')
      await docker(['image', 'rm', ...IMAGES.map((name) => `${name}:${TAG}`)])
    }
  })
})
