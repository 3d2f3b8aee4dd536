import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { after, before, suite, test } from 'node:test'
import { skipWithoutEngine } from './engine.ts'
import { BUILD, containerOf, docker } from './kit.ts'

const PROJECT = `samehost-boundary-${process.pid}`
/** Every service is looked at; of the arms, one is started. */
const compose = (...args: string[]) =>
  docker(['compose', ...args], {
    COMPOSE_PROJECT_NAME: PROJECT,
    COMPOSE_PROFILES: args[0] === 'up' ? 'pooled' : '*',
    SAMEHOST_PORT: '0',
  })

type Service = Readonly<{
  init?: boolean
  read_only?: boolean
  privileged?: boolean
  user?: string
  cap_drop?: readonly string[]
  cap_add?: readonly string[]
  security_opt?: readonly string[]
  pids_limit?: number
  logging?: { options?: Record<string, string> }
  ports?: readonly { host_ip?: string }[]
  networks?: Readonly<Record<string, unknown>>
  network_mode?: string
  volumes?: readonly { type: string; source: string; target: string; read_only?: boolean }[]
}>
type Config = Readonly<{
  services: Readonly<Record<string, Service>>
  networks: Readonly<
    Record<string, { internal?: boolean; driver_opts?: Readonly<Record<string, string>> }>
  >
}>

/** Capabilities beyond none, each with what it is needed for in compose.yaml. */
const DATABASE = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETGID', 'SETUID']
const CAPABILITIES: Readonly<Record<string, readonly string[]>> = {
  // The image's entrypoint gives the data folder to its user and then becomes that user.
  db: DATABASE,
  'db-article': DATABASE,
  'db-md5': DATABASE,
  'db-scram': DATABASE,
  'db-scram-17': DATABASE,
  'db-15': DATABASE,
  'db-18': DATABASE,
  // Gives the key to the group of the database's user.
  certificate: ['CHOWN'],
  // Nginx as root takes root's group again; the socket is root's.
  'stats-window': ['SETGID'],
  // Becomes the owner of the results folder.
  bench: ['SETGID', 'SETUID'],
}
/** Root when they start, and why; all others run as another user from the first instruction. */
const ROOT = new Set([
  // Writes the password into a volume that is root's, and ends.
  'password',
  // Becomes postgres.
  'db',
  // The socket is root's.
  'stats-window',
  // Becomes the owner of the results folder, which may be root.
  'bench',
])

/** What stands between the containers, the host and the world, as Compose and the engine understood it. */
void suite('the boundary', { skip: await skipWithoutEngine() }, () => {
  let config: Config

  before(async () => {
    const read = await compose('config', '--format', 'json')
    assert.equal(read.code, 0, read.stderr)
    config = JSON.parse(read.stdout) as Config
  })
  after(async () => {
    await compose('down', '-v', '--remove-orphans')
  })

  test('every service is contained: read-only, without capabilities, with bounds', () => {
    for (const [name, service] of Object.entries(config.services)) {
      assert.equal(service.read_only, true, name)
      assert.equal(service.init, true, name)
      assert.notEqual(service.privileged, true, name)
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual((service.cap_add ?? []).toSorted(), CAPABILITIES[name] ?? [], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
      assert.ok((service.pids_limit ?? 0) > 0, name)
      const { 'max-size': size, 'max-file': files } = service.logging?.options ?? {}
      assert.ok(size !== undefined && files !== undefined, `${name}: its log has no bound`)
    }
  })

  test('the engine’s socket is in the stats window alone, and every bind is read-only but the results', () => {
    for (const [name, { volumes = [] }] of Object.entries(config.services)) {
      for (const { type, source, target, read_only: readOnly } of volumes) {
        if (target.endsWith('docker.sock')) assert.equal(name, 'stats-window')
        if (type !== 'bind' || (name === 'bench' && target === '/kit/results')) continue
        assert.equal(readOnly, true, `${name}: ${source}`)
      }
    }
  })

  test('only the front door and Locust’s page are published, on loopback', () => {
    for (const [name, { ports = [] }] of Object.entries(config.services)) {
      if (name === 'nginx' || name === 'locust')
        assert.deepEqual(
          ports.map((port) => port.host_ip),
          ['127.0.0.1'],
        )
      else assert.equal(ports.length, 0, name)
    }
  })

  test('without a port the network for it is closed too', async () => {
    const { stdout } = await docker(['compose', 'config', '--format', 'json'], {
      COMPOSE_PROJECT_NAME: PROJECT,
      SAMEHOST_PORT: '',
    })
    const { networks } = JSON.parse(stdout) as Config
    assert.equal(networks['published']?.internal, true)
    assert.ok(config.networks['published']?.internal !== true, 'and with one it is not')
  })

  test('no network leads out, and the host has no address on one that an arm or the runner is on', () => {
    for (const [name, network] of Object.entries(config.networks)) {
      const options = network.driver_opts ?? {}
      if (name === 'published') {
        assert.equal(options['com.docker.network.bridge.enable_ip_masquerade'], 'false')
      } else {
        assert.equal(network.internal, true, name)
        assert.equal(options['com.docker.network.bridge.inhibit_ipv4'], 'true', name)
      }
    }
    for (const [name, service] of Object.entries(config.services)) {
      const { network_mode: mode, networks = {} } = service
      assert.ok(mode === undefined || mode === 'none', `${name}: ${mode}`)
      if (!['nginx', 'locust'].includes(name)) assert.ok(!('published' in networks), name)
    }
  })

  test('the engine keeps what compose.yaml asks, and no process is root that need not be', async () => {
    const up = await compose('up', ...BUILD, '-d', '--wait', 'nginx', 'stats-window', 'pooled')
    assert.equal(up.code, 0, up.stderr)
    const { stdout } = await compose('ps', '-q')
    const inspected = await docker(['inspect', ...stdout.trim().split('\n')])
    for (const container of JSON.parse(inspected.stdout) as Inspected[]) {
      const { Config: made, HostConfig: held } = container
      const name = made.Labels['com.docker.compose.service'] ?? ''
      assert.equal(held.ReadonlyRootfs, true, name)
      assert.equal(held.Privileged, false, name)
      assert.deepEqual(held.CapDrop, ['ALL'], name)
      assert.ok(held.SecurityOpt.includes('no-new-privileges:true'), name)
      assert.ok(held.PidsLimit > 0, name)
      if (ROOT.has(name)) continue
      assert.doesNotMatch(made.User, /^(0|root)?(:|$)/, `${name} runs as ${made.User || 'root'}`)
    }
  })

  test('an arm and the runner reach no address of the world, though they try', async () => {
    const arm = await inArm('-e', TRY)
    assert.deepEqual(tried(arm.stdout), { defaultRoute: false, reached: [] }, arm.stderr)
    const runner = await compose(...RUNNER, '-e', TRY)
    assert.deepEqual(tried(runner.stdout), { defaultRoute: false, reached: [] }, runner.stderr)
  })

  test('nor a service of the host that listens on all its addresses', async () => {
    const { server, port, addresses } = await hostService()
    try {
      const look = ['-e', TRY, String(port), ...addresses]
      const arm = await inArm(...look)
      assert.deepEqual(tried(arm.stdout).reached, [], arm.stderr)
      const runner = await compose(...RUNNER, ...look)
      assert.deepEqual(tried(runner.stdout).reached, [], runner.stderr)
      const open = await docker(['run', '--rm', 'node:24.21.0-slim', 'node', ...look])
      assert.notDeepEqual(tried(open.stdout).reached, [], 'where there is a way, the look finds it')
    } finally {
      server.close()
    }
  })

  test('the same look finds a way out where there is one', async () => {
    const open = await docker(['run', '--rm', 'node:24.21.0-slim', 'node', '-e', TRY])
    assert.equal(tried(open.stdout).defaultRoute, true, open.stderr)
  })
})

const inArm = async (...args: string[]): ReturnType<typeof docker> =>
  docker(['exec', await containerOf(PROJECT, 'pooled'), 'node', ...args])

const RUNNER = ['run', '--rm', '-T', '--no-deps', ...BUILD, '--entrypoint', 'node', 'bench']

/** Listens on every address of the host, as a database or a development server may. */
async function hostService(): Promise<{ server: Server; port: number; addresses: string[] }> {
  const server = createServer((socket) => socket.destroy()).listen(0, '0.0.0.0')
  await once(server, 'listening')
  const all = Object.values(networkInterfaces()).flatMap((rows) => rows ?? [])
  const addresses = all
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
  return { server, port: (server.address() as AddressInfo).port, addresses }
}

type Tried = { defaultRoute: boolean; reached: string[] }

/**
 * Connects outward by number and by name; who is refused has reached somebody too. With arguments: to that
 * port, of those addresses and of the first of each network that the container is on, where a bridge is.
 */
const TRY = `
  const net = require('node:net')
  const [port, ...given] = process.argv.slice(1)
  const reaches = (host) => new Promise((resolve) => {
    const socket = net.connect(Number(port ?? 443), host)
    socket.setTimeout(4_000, () => { socket.destroy(); resolve(false) })
    socket.on('connect', () => resolve(true))
    socket.on('error', (error) => resolve(error.code === 'ECONNREFUSED'))
  })
  const own = Object.values(require('node:os').networkInterfaces()).flat()
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
  const bridges = own.map(({ address }) => address.replace(/\\d+$/, '1'))
    .filter((bridge) => !own.some(({ address }) => address === bridge))
  const world = ['1.1.1.1', '8.8.8.8', '9.9.9.9', 'example.com']
  const hosts = port === undefined ? world : [...new Set([...bridges, ...given])]
  const routes = require('node:fs').readFileSync('/proc/net/route', 'utf8').split('\\n')
  const defaultRoute = routes.some((line) => line.split('\\t')[1] === '00000000')
  Promise.all(hosts.map(reaches)).then((all) => {
    console.log(JSON.stringify({ defaultRoute, reached: hosts.filter((_, at) => all[at]) }))
    process.exit(0)
  })`

const tried = (stdout: string): Tried => JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Tried

type Inspected = Readonly<{
  Config: { User: string; Labels: Record<string, string> }
  HostConfig: {
    ReadonlyRootfs: boolean
    Privileged: boolean
    CapDrop: string[]
    SecurityOpt: string[]
    PidsLimit: number
  }
}>
