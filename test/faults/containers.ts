import { setTimeout as delay } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import {
  GenericContainer,
  getContainerRuntimeClient,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers'
import { waitUntilAnswering, withConnection } from '../../runner/testbed/database.ts'
import type { TestDatabase } from '../../runner/testbed/testbed.ts'
import type { Mode } from '../../services/commerce/config.ts'
import { commerceImage, KIT } from '../docker/kit.ts'
import { shopDatabase } from '../fixtures/shop.ts'
import { TOKEN_SECRET } from '../service/testing/client.ts'

const runtime = await getContainerRuntimeClient().catch(() => undefined)

function handle(container: StartedTestContainer) {
  if (!runtime) throw new Error('No Docker Engine answers: start Docker.')
  return runtime.container.getById(container.getId())
}

export type Signal = 'SIGKILL' | 'SIGTERM'

/** Sends a signal to the container's first process and waits until it is gone; gives its exit code. */
export async function end(container: StartedTestContainer, signal: Signal): Promise<number> {
  const ended = handle(container).wait({ condition: 'not-running' }) as Promise<{
    StatusCode: number
  }>
  await handle(container).kill({ signal })
  return (await ended).StatusCode
}

export const startAgain = (container: StartedTestContainer): Promise<unknown> =>
  handle(container).start()

const FREEZES = 20

/**
 * Freezes the container's processes. On cgroup v1 runc gives up ("unable to freeze") where processes are
 * made while it freezes, as PostgreSQL's are with a connection per request: it has let go again by then,
 * and is asked again.
 */
export async function pause(container: StartedTestContainer): Promise<void> {
  for (let left = FREEZES; ; left--)
    try {
      await handle(container).pause()
      return
    } catch (error) {
      if (left === 0 || !String(error).includes('unable to freeze')) throw error
    }
}

export const resume = (container: StartedTestContainer): Promise<unknown> =>
  handle(container).unpause()

/** Takes the container off the network, as when its cable is pulled: what was sent is lost. */
export async function unplug(container: StartedTestContainer, network: string): Promise<void> {
  await runtime?.container.dockerode
    .getNetwork(network)
    .disconnect({ Container: container.getId() })
}

/** Brings it back under its name there. */
export async function plugIn(
  container: StartedTestContainer,
  network: string,
  alias: string,
): Promise<void> {
  const EndpointConfig = { Aliases: [alias] }
  await runtime?.container.dockerode
    .getNetwork(network)
    .connect({ Container: container.getId(), EndpointConfig })
}

/** Where on this host the port is published now: another place after each start. */
export async function publishedPort(
  container: StartedTestContainer,
  port: number,
): Promise<number> {
  const { NetworkSettings } = await handle(container).inspect()
  const published = NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort
  if (published === undefined) throw new Error(`${container.getName()} publishes no port ${port}`)
  return Number(published)
}

/** Tells one life of the container's process from the next. */
export async function startedAt(container: StartedTestContainer): Promise<string> {
  const { State } = await handle(container).inspect()
  return State.Running ? State.StartedAt : `ended with ${State.ExitCode}`
}

/** Memory of the container without the page cache that could be dropped, as `docker stats` counts. */
export async function memoryMib(container: StartedTestContainer): Promise<number> {
  const stats = await handle(container).stats({ stream: false, 'one-shot': true })
  const { usage, stats: parts } = stats.memory_stats
  const v1 = (parts as Readonly<Record<string, number>>)['total_inactive_file']
  return (usage - (v1 ?? parts.inactive_file)) / 2 ** 20
}

/** Everything the container has written. */
export async function logOf(container: StartedTestContainer): Promise<string> {
  const written = await handle(container).logs({ stdout: true, stderr: true })
  return written.toString()
}

const PASSWORD = 'of this test alone'

/**
 * Short, so that a fault of a few seconds is met by every one of them; those of statements longer than a busy machine
 * stands still by itself: orders of one product wait for each other.
 */
const TIMEOUTS = {
  DB_CONNECT_TIMEOUT: '1s',
  DB_ACQUIRE_TIMEOUT: '1s',
  DB_STATEMENT_TIMEOUT: '2s',
  DB_TRANSACTION_TIMEOUT: '2s',
}

/** The network and the database, which serve every mode in turn. */
export type Stand = Readonly<{
  network: StartedNetwork
  postgres: StartedTestContainer
  /** Of the service. */
  image: string
  /** The database where it is now. */
  database(): Promise<TestDatabase>
  [Symbol.asyncDispose](): Promise<void>
}>

export async function startStand(): Promise<Stand> {
  await using started = new AsyncDisposableStack()
  const network = started.use(await new Network().start())
  const postgres = started.use(
    await new GenericContainer('postgres:12.7')
      .withNetwork(network)
      .withNetworkAliases('db')
      .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
      .withCommand(['postgres', '-c', 'max_connections=40'])
      .withExposedPorts({ container: 5432, host: 0 })
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start(),
  )
  const database = async (): Promise<TestDatabase> => {
    const at = `127.0.0.1:${await publishedPort(postgres, 5432)}`
    return shopDatabase(
      `postgres://postgres:${encodeURIComponent(PASSWORD)}@${at}/postgres`,
      PASSWORD,
    )
  }
  await (await database()).recreate()
  const image = await commerceImage()
  const held = started.move()
  return { network, postgres, image, database, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

/** The service's image in one mode, as large as an arm of the experiment. */
export function startService({ network, image }: Stand, mode: Mode): Promise<StartedTestContainer> {
  return new GenericContainer(image)
    .withNetwork(network)
    .withNetworkAliases(mode)
    .withResourcesQuota({ cpu: 1, memory: 0.5 })
    .withEnvironment({
      DB_MODE: mode,
      DB_HOST: 'db',
      DB_USER: 'commerce',
      DB_NAME: 'commerce',
      DB_PASSWORD: PASSWORD,
      TOKEN_SECRET,
      PORT: '8080',
      ...TIMEOUTS,
    })
    .withExposedPorts({ container: 8080, host: 0 })
    .withWaitStrategy(Wait.forLogMessage(/"listening"/))
    .start()
}

/** The front door, with this one arm behind it. */
export function startFrontDoor({ network }: Stand, mode: Mode): Promise<StartedTestContainer> {
  return new GenericContainer('nginx:1.27.0')
    .withNetwork(network)
    .withEnvironment({ ARMS: mode })
    .withBindMounts([{ source: `${KIT}nginx/front-door`, target: '/front-door', mode: 'ro' }])
    .withUser('101:101')
    .withCommand(['/front-door/start.sh'])
    .withExposedPorts({ container: 8080, host: 0 })
    .withWaitStrategy(Wait.forHttp('/healthz', 8080))
    .start()
}

/** Waits until the database takes connections again, wherever it is published now. */
export async function answering(stand: Stand): Promise<void> {
  await waitUntilAnswering((await stand.database()).adminUrl, { withinMs: 30_000 })
}

const TOO_MANY_CONNECTIONS = '53300'

/**
 * Takes every connection that the server has for ordinary users, those of the service included: its
 * own are ended, and taken before it can have them back. Lets go of them after `holdMs`.
 */
export async function exhaustConnections(
  url: string,
  adminUrl: string,
  holdMs: number,
): Promise<void> {
  const taken: Client[] = []
  // One for all: those who are about to be refused use up the reserved places for a moment as well.
  await withConnection(adminUrl, async (admin) => {
    try {
      do await takeAll(url, taken)
      while ((await endServices(admin)) > 0)
      await delay(holdMs)
    } finally {
      await Promise.all(taken.map((client) => client.end()))
    }
  })
}

async function endServices(admin: Pick<Client, 'query'>): Promise<number> {
  const { rows } = await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'samehost %'`,
  )
  return rows.length
}

async function takeAll(url: string, taken: Client[]): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
    } catch (error) {
      if (error instanceof DatabaseError && error.code === TOO_MANY_CONNECTIONS) return
      throw error
    }
    taken.push(client)
  }
}
