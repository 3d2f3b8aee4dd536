import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers'
import { waitUntilAnswering } from '../../../runner/testbed/connection.ts'
import { testDatabase } from '../../../runner/testbed/test-database.ts'
import type { TestDatabase } from '../../../runner/testbed/testbed.ts'
import type { Mode } from '../../../services/commerce/config.ts'
import { KIT } from '../../docker/kit.ts'
import { publishedPort } from './container.ts'

const PASSWORD = 'of this test alone'
const IMAGE = 'samehost-commerce:faults'

/** Short, so that a fault of a few seconds is met by every one of them. */
const TIMEOUTS = {
  DB_CONNECT_TIMEOUT: '1s',
  DB_ACQUIRE_TIMEOUT: '1s',
  DB_STATEMENT_TIMEOUT: '1s',
  DB_TRANSACTION_TIMEOUT: '1s',
}

/** The network and the database, which serve every mode in turn. */
export type Stand = Readonly<{
  network: StartedNetwork
  postgres: StartedTestContainer
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
    return testDatabase(
      `postgres://postgres:${encodeURIComponent(PASSWORD)}@${at}/postgres`,
      PASSWORD,
    )
  }
  await (await database()).createAnew()
  await GenericContainer.fromDockerfile(KIT, 'services/commerce/Dockerfile').build(IMAGE, {
    deleteOnExit: false,
  })
  const held = started.move()
  return { network, postgres, database, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

/** The service's image in one mode, as large as an arm of the experiment. */
export function startService({ network }: Stand, mode: Mode): Promise<StartedTestContainer> {
  return new GenericContainer(IMAGE)
    .withNetwork(network)
    .withNetworkAliases(mode)
    .withResourcesQuota({ cpu: 1, memory: 0.5 })
    .withEnvironment({
      DB_MODE: mode,
      DB_HOST: 'db',
      DB_USER: 'commerce',
      DB_NAME: 'commerce',
      DB_PASSWORD: PASSWORD,
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
