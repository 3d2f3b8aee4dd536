import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { after, before, describe, suite, test } from 'node:test'
import fc from 'fast-check'
import { contractSuite } from '../../runner/cli/prepare.ts'
import { DECIDED } from '../differential/testing/cases.ts'
import { askAll, differenceInEffect } from '../differential/testing/compare.ts'
import { fuzz } from '../differential/testing/fuzz.ts'
import { judgeDecided } from '../differential/testing/judge.ts'
import { INSIDE } from '../service/testing/hostile-judge.ts'
import { hostileRequest } from '../service/testing/hostile-request.ts'
import { send } from '../service/testing/send.ts'
import { schemathesis, skipWithoutSchemathesis } from '../service/testing/schemathesis.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker } from './kit.ts'
import { rawExchange } from './testing/raw-exchange.ts'
import { type ArmsStand, CONNECTIONS, startArms } from './testing/arms-stand.ts'
import { newOrder, SHOP } from '../fixtures/shop.ts'

/** `npm run test:arms` sends 20,000. */
const CASES = Number(process.env['ARMS_FUZZ_CASES'] ?? 200)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
/** Of each arm; the tens of thousands are for the reference service. */
const HOSTILE_CASES = 100

const noSchemathesis = await skipWithoutSchemathesis()

type Health = Readonly<{
  mode: string
  settings: Readonly<Record<string, string | number>>
  given: string
}>

void suite('every arm keeps one contract', { skip: await skipWithoutEngine() }, () => {
  let stand: ArmsStand
  before(async () => {
    stand = await startArms()
  })
  after(() => stand?.stop())

  test('each is the arm that it says it is, directly and behind the front door', async () => {
    for (const way of [...stand.direct, ...stand.behindDoor]) {
      const { url } = way
      const health = await fetch(`${url}/healthz`)
      const { headers } = health
      assert.equal(headers.get('x-samehost-arm'), way.name)
      assert.match(headers.get('x-samehost-instance') ?? '', /^\w{8,64}$/)
      const prepare = way.name.startsWith('fastapi') ? 'on' : 'off'
      assert.equal(headers.get('x-samehost-prepare'), prepare, way.name)
      const { settings, given, mode } = (await health.json()) as Health
      assert.match(given, /^[0-9a-f]{64}$/)
      assert.equal(settings['DB_MODE'], mode, way.name)
      assert.equal(settings['DB_PREPARE'], prepare, way.name)
      assert.equal(
        settings[mode === 'pooled' ? 'DB_POOL_MAX' : 'DB_WORKERS'],
        CONNECTIONS,
        way.name,
      )
      assert.equal(settings['DB_STATEMENT_TIMEOUT'], '5000ms', way.name)
      assert.ok(!Object.keys(settings).some((name) => /PASSWORD|SECRET/.test(name)), way.name)
      const ready = await fetch(`${url}/readyz`)
      assert.equal(ready.headers.get('x-samehost-instance'), headers.get('x-samehost-instance'))
      assert.ok(!(await fetch(`${url}/products`)).headers.has('x-samehost-arm'))
    }
  })

  test('each passes the suite of the contract, directly and behind the front door', async () => {
    const suiteOf = contractSuite(SHOP)
    for (const { name, url } of [...stand.direct, ...stand.behindDoor]) {
      assert.deepEqual(await suiteOf(url), [], name)
    }
  })

  describe('what the contract decides is what is answered, by all alike', () => {
    for (const decided of DECIDED) {
      test(decided.name, () => judgeDecided(stand.behindDoor, decided))
    }

    test('and the databases hold the same orders', async () => {
      assert.equal(await differenceInEffect(stand.behindDoor), undefined)
    })
  })

  test(`whatever is asked, they mean the same (ARMS_FUZZ_CASES=${CASES} FUZZ_SEED=${SEED})`, async (t) => {
    t.diagnostic(JSON.stringify(await fuzz(stand.behindDoor, CASES, SEED)))
  })

  describe('Schemathesis finds nothing', { skip: noSchemathesis }, () => {
    // Of the reference service it is asked in test/service.
    for (const arm of ['fastapi-pooled', 'django-per-request']) {
      test(`${arm} (FUZZ_SEED=${SEED})`, async () => {
        const way = stand.direct.find(({ name }) => name === arm)
        assert.ok(way)
        assert.equal(await schemathesis(way.url, SEED, 40), '')
      })
    }
  })

  test('only asyncpg prepares statements by name unless it is asked for, says the database', async () => {
    const settings = ["log_statement = 'all'", 'log_connections = off']
    for (const setting of settings) await stand.query(`ALTER SYSTEM SET ${setting}`)
    await stand.query('SELECT pg_reload_conf()')
    const logOf = async (): Promise<string> => {
      const sql = 'SELECT pg_read_file(pg_current_logfile()) AS log'
      const [row] = await stand.query<{ log: string }>(sql)
      return row?.log ?? ''
    }
    try {
      for (const way of stand.direct) {
        const from = (await logOf()).length
        const [placed] = (await askAll([way], newOrder())).values()
        assert.equal(placed?.class, 2, way.name)
        // A process of its own writes the log, and on a busy machine it comes later than the answer.
        const deadlineMs = performance.now() + 10_000
        let lines = ''
        while (!/\bcommit\b/i.test(lines) && performance.now() < deadlineMs)
          lines = (await logOf()).slice(from)
        assert.match(lines, /INSERT INTO/i, `${way.name}: the log has its statements`)
        const names = [...lines.matchAll(/execute (\S+): (?:INSERT|UPDATE|SELECT)/gi)]
        const isPrepared = names.some(([, name]) => name !== '<unnamed>')
        assert.equal(isPrepared, way.name.startsWith('fastapi'), `${way.name}: ${names.join()}`)
      }
    } finally {
      await stand.query('ALTER SYSTEM RESET ALL')
      await stand.query('SELECT pg_reload_conf()')
    }
  })

  test('no target leads from one arm to another', async () => {
    const [first, second] = stand.behindDoor
    assert.ok(first && second)
    const { hostname: host, port } = new URL(stand.door)
    for (const step of ['..%2f', '..%5c', '%2e%2e/', '%2e%2e%2f', '../', './../', '.%2e/']) {
      const target = `/${first.name}/${step}${second.name}/healthz`
      const request = `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
      const answer = await rawExchange({ host, port: Number(port) }, request)
      // One framework redirects to the path that it takes this for: still of its own.
      assert.match(answer, /^HTTP\/1\.1 (30[178]|404) /, target)
      const [, location = `/${first.name}/`] = /^location: (.*)\r$/im.exec(answer) ?? []
      assert.ok(location.startsWith(`/${first.name}/`), location)
    }
  })

  // The last of those that place orders: what frameworks take or refuse of this is for each to say.
  test(`anything at all is no 5xx, and tells nothing of the inside (FUZZ_SEED=${SEED})`, async () => {
    for (const { name, url } of stand.behindDoor) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const property = fc.asyncProperty(hostileRequest, async (hostile) => {
        const { status, body } = await send(url, agent, hostile)
        assert.ok(status < 500, `${name}: ${status} ${body}`)
        assert.doesNotMatch(body, INSIDE)
      })
      await fc.assert(property, { numRuns: HOSTILE_CASES, seed: SEED })
      agent.destroy()
    }
  })

  test('1,900 slow bodies hold nothing of an arm, and the front door goes on', async () => {
    const { hostname: host, port } = new URL(stand.door)
    const [first] = stand.behindDoor
    assert.ok(first)
    const begun =
      `POST /${first.name}/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
      'Content-Length: 28\r\n\r\n{"productId":1'
    const slow = Array.from({ length: 1_900 }, () =>
      connect(Number(port), host, function (this: Socket) {
        this.write(begun)
      }).on('error', () => undefined),
    )
    const closed = slow.map((socket) => once(socket, 'close'))
    // Each arm has three places at the database: were these held, all would wait until the cut.
    for (const [name, answer] of await askAll(stand.behindDoor, newOrder())) {
      assert.equal(answer.class, 2, name)
    }
    assert.ok(
      slow.some(({ closed: isClosed }) => !isClosed),
      'they were there meanwhile',
    )
    for (const socket of slow) socket.resume()
    await Promise.all(closed)
    const id = await stand.compose('ps', '-q', 'nginx')
    const format = '{{.State.OOMKilled}} {{.RestartCount}} {{.State.Running}}'
    const { stdout } = await docker(['inspect', '-f', format, id])
    assert.equal(stdout.trim(), 'false 0 true')
  })

  test('and afterwards every arm still takes orders', async () => {
    for (const ways of [stand.direct, stand.behindDoor]) {
      for (const [name, answer] of await askAll(ways, newOrder()))
        assert.equal(answer.class, 2, name)
    }
  })
})
