import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers'
import { checkContract, contractShapes } from '../../runner/contract/check.ts'
import { testDatabase } from '../../runner/testbed/database.ts'
import { skipWithoutEngine } from './engine.ts'
import { KIT } from './kit.ts'

const PASSWORD = 'of this test alone'
const IMAGE = 'samehost-commerce:test'
const MODES = ['pooled', 'persistent', 'per-request']

/** The built image in each mode, a PostgreSQL container, and the front door as it stands before them. */
void suite('the service’s image behind the front door', { skip: await skipWithoutEngine() }, () => {
  const started: StartedTestContainer[] = []
  const arms = new Map<string, StartedTestContainer>()
  let network: StartedNetwork
  let door: StartedTestContainer

  const start = async (container: GenericContainer): Promise<StartedTestContainer> => {
    const running = await container.withNetwork(network).start()
    started.push(running)
    return running
  }

  before(async () => {
    network = await new Network().start()
    const postgres = await start(
      new GenericContainer('postgres:12.7')
        .withNetworkAliases('db')
        .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
        .withExposedPorts({ container: 5432, host: 0 })
        .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2)),
    )
    const at = `127.0.0.1:${postgres.getMappedPort(5432)}`
    const admin = `postgres://postgres:${encodeURIComponent(PASSWORD)}@${at}/postgres`
    await (await testDatabase(admin, PASSWORD)).recreate()

    await GenericContainer.fromDockerfile(KIT, 'services/commerce/Dockerfile').build(IMAGE, {
      deleteOnExit: false,
    })
    await Promise.all(
      MODES.map(async (mode) => {
        const arm = await start(
          new GenericContainer(IMAGE)
            .withNetworkAliases(mode)
            .withEnvironment({
              DB_MODE: mode,
              DB_HOST: 'db',
              DB_USER: 'commerce',
              DB_NAME: 'commerce',
              DB_PASSWORD: PASSWORD,
              PORT: '8080',
            })
            .withWaitStrategy(Wait.forLogMessage(/"listening"/)),
        )
        arms.set(mode, arm)
      }),
    )
    door = await start(
      new GenericContainer('nginx:1.27.0')
        .withEnvironment({ ARMS: `${MODES.join(' ')} absent` })
        .withBindMounts([{ source: `${KIT}nginx/front-door`, target: '/front-door', mode: 'ro' }])
        .withUser('101:101')
        .withCommand(['/front-door/start.sh'])
        .withExposedPorts(8080)
        .withWaitStrategy(Wait.forHttp('/healthz', 8080)),
    )
  })

  after(async () => {
    await Promise.all(started.map((container) => container.stop()))
    await network?.stop()
  })

  const url = (path: string): string => `http://127.0.0.1:${door.getMappedPort(8080)}${path}`

  for (const mode of MODES) {
    test(`${mode} keeps the contract through the front door`, async () => {
      const shapes = contractShapes(await readFile(`${KIT}services/contract.yaml`, 'utf8'))
      assert.deepEqual(await checkContract(url(`/${mode}`), shapes), [])
      const health = (await (await fetch(url(`/${mode}/healthz`))).json()) as { mode: string }
      assert.equal(health.mode, mode, 'the door leads to the arm of that name')
    })
  }

  test('the Location of an order leads back through the front door', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ productId: 1, quantity: 1 })
    const placed = await fetch(url('/pooled/orders'), { method: 'POST', headers, body })
    const location = placed.headers.get('location') ?? ''
    assert.match(location, /^\/pooled\/orders\/\d+$/)
    assert.equal((await fetch(url(location))).status, 200)
  })

  test('an arm that is not there is 503 with a problem, and the others answer', async () => {
    const absent = await fetch(url('/absent/products'))
    assert.equal(absent.status, 503)
    assert.equal(absent.headers.get('content-type'), 'application/problem+json')
    assert.equal(absent.headers.get('retry-after'), '1')
    const { code } = (await absent.json()) as { code: string }
    assert.equal(code, 'arm-unreachable')
    const there = await fetch(url('/pooled/products'))
    assert.equal(there.status, 200)
  })

  test('an arm that is stopped is 503, and the others answer', async () => {
    await arms.get('per-request')?.stop()
    const stopped = await fetch(url('/per-request/products'))
    assert.equal(stopped.status, 503)
    assert.equal(stopped.headers.get('content-type'), 'application/problem+json')
    const there = await fetch(url('/persistent/products'))
    assert.equal(there.status, 200)
  })
})
