import assert from 'node:assert/strict'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { vary } from '../../runner/cli/vary.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker, KIT } from './kit.ts'

type Service = Readonly<{
  environment: Readonly<Record<string, string>>
  cpus?: number
  cpu_quota?: string
  cpu_period?: string
  mem_limit: string
  depends_on?: Readonly<Record<string, unknown>>
}>

/** What `vary` writes, as Compose understands it. */
void suite('a group of the user’s own', { skip: await skipWithoutEngine() }, () => {
  let root: string

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'vary-'))
    await cp(`${KIT}compose.yaml`, join(root, 'compose.yaml'))
    await cp(`${KIT}compose`, join(root, 'compose'), { recursive: true })
    await symlink(join(KIT, 'services'), join(root, 'services'))
  })
  after(() => rm(root, { recursive: true }))

  /** The services that `ARMS=group docker compose up bench` starts, and the arms among them. */
  async function startedBy(group: string): Promise<Map<string, Service>> {
    const args = ['--project-directory', root, '-f', join(root, 'compose.yaml')]
    const config = await docker(['compose', ...args, 'config', '--format', 'json'], {
      COMPOSE_PROFILES: group,
    })
    assert.equal(config.code, 0, config.stderr)
    const { services } = JSON.parse(config.stdout) as { services: Record<string, Service> }
    const waited = Object.keys(services['nginx']?.depends_on ?? {})
    const arms = Object.entries(services).filter(([name]) => name.startsWith('vary-'))
    for (const [name] of arms) assert.ok(waited.includes(name), name)
    return new Map(arms)
  }

  test('of a variable is started by its name, with each value as it was given', async () => {
    await vary(['go-pooled', 'GOMAXPROCS=1,2'], {}, root)
    const arms = await startedBy('vary-go-pooled-gomaxprocs')
    assert.deepEqual(
      [...arms].map(([name, { environment }]) => [name, environment['GOMAXPROCS']]),
      [
        ['vary-go-pooled-gomaxprocs-1', '1'],
        ['vary-go-pooled-gomaxprocs-2', '2'],
      ],
    )
    await vary(['fastapi-pooled', 'GREETING=it’s $HOME,$$'], {}, root)
    const greetings = [...(await startedBy('vary-fastapi-pooled-greeting')).values()]
    // Compose writes a dollar twice where it would replace something, here as in its input.
    assert.deepEqual(
      greetings.map(({ environment }) => environment['GREETING']?.replaceAll('$$', '$')),
      ['it’s $HOME', '$$'],
    )
  })

  test('of a limit has one limit, and no other beside it', async () => {
    await vary(['pooled', 'cpus=0.5,1'], {}, root)
    const cores = [...(await startedBy('vary-pooled-cpus')).values()]
    assert.deepEqual(
      cores.map(({ cpus, cpu_quota: quota, cpu_period: period }) => [
        cpus ?? 0,
        Number(quota) / Number(period),
      ]),
      [
        [0, 0.5],
        [0, 1],
      ],
    )
    await vary(['pooled', 'mem_limit=256m,512m'], {}, root)
    const memory = [...(await startedBy('vary-pooled-mem-limit')).values()]
    assert.deepEqual(
      memory.map(({ mem_limit: limit }) => Number(limit)),
      [256 * 2 ** 20, 512 * 2 ** 20],
    )
  })
})
