import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  GenericContainer,
  Network,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers'
import { checkContract } from '../../runner/contract/check.ts'
import { skipWithoutEngine } from './engine.ts'
import { commerceImage, KIT } from './kit.ts'
import { rawExchange } from './testing/raw-exchange.ts'
import { newOrder, SHOP_ENV, shopContract, shopDatabase, signedIn } from '../fixtures/shop.ts'

const PASSWORD = 'of this test alone'
const MODES = ['pooled', 'persistent', 'per-request']

const HEAD = 'Host: x\r\nConnection: close\r\n'
const get = (target: string, head = HEAD): string => `GET ${target} HTTP/1.1\r\n${head}\r\n`
const post = (headers: string): string =>
  `POST /pooled/orders HTTP/1.1\r\n${HEAD}Content-Type: application/json\r\n${headers}\r\n`

/** What the front door refuses itself, so that no service has to. */
const OF_THE_DOOR: readonly (readonly [
  name: string,
  request: string,
  status: number,
  code?: string,
])[] = [
  ['noise', '\x00\x01\x02\r\n\r\n', 400],
  ['no host', get('/pooled/products', 'Connection: close\r\n'), 400, 'bad-request'],
  ['two hosts', get('/pooled/products', `Host: y\r\n${HEAD}`), 400, 'bad-request'],
  [
    'a host with a space',
    get('/pooled/products', 'Host: a b\r\nConnection: close\r\n'),
    400,
    'bad-request',
  ],
  [
    'a host with an underscore',
    get('/pooled/products', 'Host: a_b\r\nConnection: close\r\n'),
    400,
    'bad-request',
  ],
  ['HTTP/2', `GET /pooled/products HTTP/2.0\r\n${HEAD}\r\n`, 400, 'bad-request'],
  ['broken percent signs', get('/pooled/products/%E0%A4%A'), 400, 'bad-request'],
  ['an encoded NUL', get('/pooled/products/1%00'), 400, 'bad-request'],
  ['a step above the root', get('/../products'), 400, 'bad-request'],
  ['a byte beyond ASCII', get('/pooled/products/1\xff'), 404, 'not-found'],
  ['a path of no arm', get('/'), 404, 'not-found'],
  [
    'a method of WebDAV',
    `PROPFIND /pooled/products HTTP/1.1\r\n${HEAD}\r\n`,
    405,
    'method-not-allowed',
  ],
  [
    'an unheard-of method',
    `BREW /pooled/products HTTP/1.1\r\n${HEAD}\r\n`,
    405,
    'method-not-allowed',
  ],
  ['TRACE', `TRACE /pooled/products HTTP/1.1\r\n${HEAD}\r\n`, 405, 'method-not-allowed'],
  ['two lengths', `${post('Content-Length: 2\r\nContent-Length: 2\r\n')}{}`, 400, 'bad-request'],
  [
    'a length and chunks',
    post('Content-Length: 2\r\nTransfer-Encoding: chunked\r\n'),
    400,
    'bad-request',
  ],
  ['a chunk of no size', `${post('Transfer-Encoding: chunked\r\n')}zz\r\n`, 400, 'bad-request'],
  ['a body of a byte more', post('Content-Length: 16385\r\n'), 413, 'body-too-large'],
  [
    'chunks of more',
    `${post('Transfer-Encoding: chunked\r\n')}5000\r\n${' '.repeat(0x5000)}\r\n0\r\n\r\n`,
    413,
    'body-too-large',
  ],
  [
    'a header of 9 KiB',
    get('/pooled/products', `${HEAD}X: ${'x'.repeat(9_216)}\r\n`),
    431,
    'headers-too-large',
  ],
  [
    'three headers of 4 KiB',
    get('/pooled/products', HEAD + `X: ${'x'.repeat(4_096)}\r\n`.repeat(3)),
    431,
    'headers-too-large',
  ],
  ['a path of 9 KiB', get(`/pooled/${'x'.repeat(9_216)}`), 431, 'headers-too-large'],
]

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
    await shopDatabase(admin, PASSWORD).recreate()

    const image = await commerceImage()
    await Promise.all(
      MODES.map(async (mode) => {
        const arm = await start(
          new GenericContainer(image)
            .withNetworkAliases(mode)
            .withEnvironment({
              DB_MODE: mode,
              DB_HOST: 'db',
              DB_USER: 'commerce',
              DB_NAME: 'commerce',
              DB_PASSWORD: PASSWORD,
              TOKEN_SECRET: SHOP_ENV.TOKEN_SECRET ?? '',
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
      assert.deepEqual(await checkContract(url(`/${mode}`), shopContract), [])
      const health = (await (await fetch(url(`/${mode}/healthz`))).json()) as { mode: string }
      assert.equal(health.mode, mode, 'the door leads to the arm of that name')
    })
  }

  test('the Location of an order leads back through the front door', async () => {
    const { method, headers, body } = newOrder()
    const placed = await fetch(url('/pooled/orders'), { method, headers, body })
    const location = placed.headers.get('location') ?? ''
    assert.equal(location, `/pooled/orders/${JSON.parse(body).number}`)
    assert.equal((await fetch(url(location), { headers: signedIn() })).status, 200)
  })

  for (const [name, request, status, code] of OF_THE_DOOR) {
    test(`${name} is ${status} before any arm sees it`, async () => {
      const at = { host: '127.0.0.1', port: door.getMappedPort(8080) }
      const [head = '', body = ''] = (await rawExchange(at, request)).split('\r\n\r\n')
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
      if (code === undefined) return
      assert.match(head, /content-type: application\/problem\+json/i)
      assert.equal((JSON.parse(body) as { code: string }).code, code)
    })
  }

  test('a chunked order is an order: the arm gets it whole, with its length', async () => {
    const at = { host: '127.0.0.1', port: door.getMappedPort(8080) }
    const { headers, body } = newOrder()
    const chunks = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
    const head = `Authorization: ${headers.authorization}\r\nTransfer-Encoding: chunked\r\n`
    const answer = await rawExchange(at, post(head) + chunks)
    assert.match(answer, /^HTTP\/1.1 201 /)
  })

  test('a head or a body that does not go on is cut off', async () => {
    const at = { host: '127.0.0.1', port: door.getMappedPort(8080) }
    const heads = rawExchange(at, 'GET /pooled/products HTTP/1.1\r\nHost: x\r\nX: ')
    const bodies = rawExchange(at, `${post('Content-Length: 28\r\n')}{`)
    assert.deepEqual(await Promise.all([heads, bodies]), ['', ''])
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
