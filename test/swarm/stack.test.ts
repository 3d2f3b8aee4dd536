import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { parse } from 'yaml'
import { type Compose, readCompose, stackFile, stackOf } from '../../scripts/stack/stack.ts'

const KIT = fileURLToPath(new URL('../../', import.meta.url))
const compose = await readCompose(KIT)
const { stack, leftOut } = await stackOf(compose, KIT)

const servicesOn = (network: string, of: Compose | typeof stack): string[] =>
  Object.entries(of.services)
    .filter(([, { networks }]) => (networks as string[] | undefined)?.includes(network))
    .map(([name]) => name)
    .toSorted()

/** A project of a few services, each of which says one thing. */
const small = (services: Compose['services']): Compose => ({ services, networks: {}, volumes: {} })

test('stack.yaml is what compose.yaml makes: npm run stack', async () => {
  assert.equal(await readFile(`${KIT}stack.yaml`, 'utf8'), await stackFile(KIT))
  assert.deepEqual(
    Object.keys(parse(await readFile(`${KIT}stack.yaml`, 'utf8')).services),
    Object.keys(stack.services),
  )
})

test('every service is there, or its absence has a reason', () => {
  const all = [...Object.keys(stack.services), ...leftOut.keys()]
  assert.deepEqual(all.toSorted(), Object.keys(compose.services).toSorted())
  for (const name of ['db', 'nginx', 'bench', 'pooled']) assert.ok(name in stack.services, name)
})

test('who reaches whom is as in Compose; the windows meet the runner alone', () => {
  for (const network of ['door', 'front', 'back', 'records']) {
    const inCompose = servicesOn(network, compose).filter((name) => !leftOut.has(name))
    assert.deepEqual(servicesOn(network, stack), inCompose, network)
  }
  assert.deepEqual(servicesOn('window', stack), ['bench', 'stats-window'])
  for (const [name, network] of Object.entries(stack.networks)) {
    assert.deepEqual(network, { driver: 'overlay', internal: true }, name)
  }
})

test('every service is contained and limited, on the host of its role', () => {
  for (const [name, service] of Object.entries(stack.services)) {
    const { deploy, ...given } = service
    assert.deepEqual([given['read_only'], given['cap_drop']], [true, ['ALL']], name)
    assert.ok(!('ports' in given) && !('build' in given) && !('profiles' in given), name)
    assert.equal(deploy['endpoint_mode'], 'dnsrr', name)
    const { limits } = deploy['resources'] as { limits: Record<string, unknown> }
    for (const limit of ['cpus', 'memory', 'pids'])
      assert.ok(limits[limit] !== undefined, `${name} ${limit}`)
    const isArm = Object.hasOwn(given['labels'] ?? {}, 'org.samehost.mode')
    if (isArm) assert.equal(deploy['replicas'], 0, name)
    const where = JSON.stringify(deploy['placement'] ?? deploy['mode'])
    const role = isArm || name === 'nginx' ? 'app' : name === 'bench' ? 'load' : name
    if (role === 'stats-window') assert.equal(where, '"global"')
    else assert.ok(where.includes(`samehost.role == ${role}`), `${name} is at ${where}`)
  }
})

test('what is secret is a secret of the Swarm, and in no volume', () => {
  assert.deepEqual(Object.keys(stack.secrets), ['password', 'token'])
  for (const [name, { volumes = [], secrets = [] }] of Object.entries(stack.services)) {
    assert.ok(!JSON.stringify(volumes).includes('secrets'), name)
    const given = JSON.stringify(compose.services[name])
    const read = ['password', 'token'].filter((secret) => given.includes(`/run/samehost/${secret}`))
    assert.deepEqual(
      secrets.map(({ source, target }) => [source, target]),
      read.map((secret) => [secret, `/run/samehost/${secret}`]),
      name,
    )
  }
})

test('the script that deploys makes each secret that the stack asks for', async () => {
  const script = await readFile(`${KIT}scripts/three-hosts/swarm.sh`, 'utf8')
  const made = /^readonly secrets=\((.*)\)$/m.exec(script)?.[1]?.split(' ')
  assert.deepEqual(made?.toSorted(), Object.keys(stack.secrets).toSorted())
})

test('a key that no one said how to put is an error, not a thing that is lost', async () => {
  const services = { pooled: { labels: { 'org.samehost.mode': 'pooled' }, userns_mode: 'host' } }
  await assert.rejects(
    stackOf(small(services), KIT),
    /services\.pooled\.userns_mode .*say in scripts/,
  )
})

test('a service without a role is an error; with a profile it is left out, and who needs it too', async () => {
  await assert.rejects(
    stackOf(small({ cache: { image: 'x' } }), KIT),
    /services\.cache .* has no host/,
  )
  const labels = { 'org.samehost.mode': 'pooled' }
  const some = await stackOf(
    small({
      pooler: { image: 'x', profiles: ['pooler'] },
      through: { image: 'x', labels, depends_on: ['pooler'] },
      direct: { image: 'x', labels, depends_on: { pooler: { required: false } } },
    }),
    KIT,
  )
  assert.deepEqual([...some.leftOut.keys()], ['pooler', 'through'])
  assert.deepEqual(Object.keys(some.stack.services), ['direct'])
})

test('limits, memory of its own and temporary folders are put as a stack has them', async () => {
  const { stack: made } = await stackOf(
    small({
      other: {
        image: 'x',
        labels: { 'org.samehost.role': 'db' },
        cpu_quota: '${MILLICPUS:-1500}00',
        cpu_period: 100_000,
        mem_limit: '1g',
        shm_size: '64m',
        tmpfs: ['/tmp:size=1m'],
        restart: 'unless-stopped',
      },
    }),
    KIT,
  )
  const { other } = made.services
  assert.deepEqual(other?.deploy['resources'], { limits: { cpus: '1.5', memory: '1g' } })
  assert.deepEqual(other?.deploy['restart_policy'], { condition: 'any' })
  assert.deepEqual(other?.volumes, [
    { type: 'tmpfs', target: '/tmp', tmpfs: { size: 2 ** 20 } },
    { type: 'tmpfs', target: '/dev/shm', tmpfs: { size: 64 * 2 ** 20 } },
  ])
})
