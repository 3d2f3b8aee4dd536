import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { add } from '../../runner/cli/add.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker, KIT } from './kit.ts'

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
})
