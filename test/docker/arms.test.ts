import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { after, before, describe, suite, test } from 'node:test'
import fc from 'fast-check'
import { contractSuite } from '../../runner/cli/prepare.ts'
import { DECIDED } from '../differential/testing/cases.ts'
import { askForAnswers, type Way } from '../differential/testing/compare.ts'
import { fuzz } from '../differential/testing/fuzz.ts'
import { judgeDecided } from '../differential/testing/judge.ts'
import {
  PIPELINED_STATUSES,
  pipelined,
  rawOrder,
  rawRequest,
} from '../differential/testing/raw-request.ts'
import {
  HEAD_WITHIN_MS,
  lateOf,
  longestOrdinary,
  ORDINARY_WITHIN_MS,
  REQUEST_WITHIN_MS,
  slowBodies,
  slowHeads,
} from '../differential/testing/slow-clients.ts'
import { contractResponses } from '../service/testing/contract.ts'
import { judgeHostile } from '../service/testing/hostile-judge.ts'
import { hostileRequest } from '../service/testing/hostile-request.ts'
import { sendHostile } from '../service/testing/hostile-send.ts'
import { schemathesis, skipWithoutSchemathesis } from '../service/testing/schemathesis.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker } from './kit.ts'
import { rawExchange, statuses } from './testing/raw-exchange.ts'
import { type ArmsStand, CONNECTIONS, startArms } from './testing/arms-stand.ts'

/** `npm run test:arms` sends 20,000. */
const CASES = Number(process.env['ARMS_FUZZ_CASES'] ?? 200)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
/** Of each arm, to be judged by the contract; the tens of thousands are for the reference service. */
const JUDGED_CASES = 100

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
      const url = `http://${way.host}:${way.port}${way.base}`
      const health = await fetch(`${url}/healthz`)
      const { headers } = health
      assert.equal(headers.get('x-samehost-arm'), way.name)
      assert.match(headers.get('x-samehost-instance') ?? '', /^[0-9a-f]{16}$/)
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
      assert.ok(!Object.keys(settings).some((name) => name.includes('PASSWORD')), way.name)
      const ready = await fetch(`${url}/readyz`)
      assert.equal(ready.headers.get('x-samehost-instance'), headers.get('x-samehost-instance'))
      assert.ok(!(await fetch(`${url}/products`)).headers.has('x-samehost-arm'))
    }
  })

  test('each passes the suite of the contract, and answers as it says', async () => {
    const suiteOf = await contractSuite()
    const contract = await contractResponses()
    for (const { name, host, port } of stand.direct) {
      const url = `http://${host}:${port}`
      assert.deepEqual(await suiteOf(url), [], name)
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const property = fc.asyncProperty(framedRequest, async (hostile) => {
        judgeHostile(contract, hostile, await sendHostile(url, agent, hostile))
      })
      await fc.assert(property, { numRuns: JUDGED_CASES, seed: SEED })
      agent.destroy()
    }
  })

  describe('what the contract decides is what is answered, by all alike', () => {
    for (const { name, request, direct, behindDoor } of DECIDED) {
      test(name, async () => {
        judgeDecided(request, await askForAnswers(stand.direct, request), direct)
        judgeDecided(request, await askForAnswers(stand.behindDoor, request), behindDoor)
      })
    }
  })

  test(`whatever is sent, they answer alike (ARMS_FUZZ_CASES=${CASES} FUZZ_SEED=${SEED})`, async (t) => {
    t.diagnostic(JSON.stringify(await fuzz(stand.direct, CASES, SEED)))
  })

  test(`and behind the front door (ARMS_FUZZ_CASES=${CASES} FUZZ_SEED=${SEED})`, async (t) => {
    t.diagnostic(JSON.stringify(await fuzz(stand.behindDoor, Math.ceil(CASES / 4), SEED + 1)))
  })

  describe('Schemathesis finds nothing', { skip: noSchemathesis }, () => {
    for (const arm of ['pooled', 'fastapi-pooled', 'django-per-request']) {
      test(`${arm} (FUZZ_SEED=${SEED})`, async () => {
        const way = stand.direct.find(({ name }) => name === arm)
        assert.ok(way)
        assert.equal(await schemathesis(`http://${way.host}:${way.port}`, SEED, 40), '')
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
        const order = rawOrder('{"productId":3,"quantity":1}')
        assert.equal(statusOf(await askForAnswers([way], order)), 201)
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
    for (const step of ['..%2f', '..%5c', '%2e%2e/', '%2e%2e%2f', '../', './../', '.%2e/']) {
      const target: string = `/${step}${second.name}/healthz`
      const answers = await askForAnswers([first], rawRequest({ target }))
      assert.equal(statusOf(answers), 404, target)
    }
    const answers = await askForAnswers([first], rawRequest({ target: '/products/1%0a' }))
    assert.equal(statusOf(answers), 400)
  })

  test('requests that come in one packet are answered in their order', async () => {
    for (const { name, host, port, base } of [...stand.direct, ...stand.behindDoor]) {
      const answer = await rawExchange({ host, port }, pipelined(base).toString('latin1'))
      assert.deepEqual(statuses(answer), PIPELINED_STATUSES, name)
    }
  })

  test('slow clients are cut off in the stated time and keep nobody waiting', async () => {
    const done = async (way: Way, isDirect: boolean): Promise<string[]> => {
      const both = Promise.all([slowHeads(way, 60), slowBodies(way, 60)])
      const longestMs = await longestOrdinary(way, both)
      const [heads, bodies] = await both
      return [
        ...lateOf('heads', heads, HEAD_WITHIN_MS, isDirect),
        ...lateOf('bodies', bodies, REQUEST_WITHIN_MS, true),
        ...(longestMs > ORDINARY_WITHIN_MS ? [`an ordinary request took ${longestMs} ms`] : []),
      ].map((fault) => `${way.name}: ${fault}`)
    }
    const direct = await Promise.all(stand.direct.map((way) => done(way, true)))
    assert.deepEqual(direct.flat(), [])
    const behindDoor = await Promise.all(stand.behindDoor.map((way) => done(way, false)))
    assert.deepEqual(behindDoor.flat(), [])
  })

  test('1,900 slow bodies do not kill the front door, and others are served', async () => {
    const [way] = stand.behindDoor
    const [other] = stand.behindDoor.slice(-1)
    assert.ok(way && other)
    const slow = slowBodies(way, 1_900)
    const longestMs = await longestOrdinary(other, slow)
    assert.ok(longestMs < ORDINARY_WITHIN_MS, `${longestMs} ms`)
    assert.deepEqual(lateOf('bodies', await slow, REQUEST_WITHIN_MS + 3_000, true), [])
    const id = await stand.compose('ps', '-q', 'nginx')
    const format = '{{.State.OOMKilled}} {{.RestartCount}} {{.State.Running}}'
    const { stdout } = await docker(['inspect', '-f', format, id])
    assert.equal(stdout.trim(), 'false 0 true')
  })

  test('and afterwards every arm still takes orders', async () => {
    const order = rawOrder('{"productId":2,"quantity":1}')
    for (const ways of [stand.direct, stand.behindDoor]) {
      for (const [name, answer] of await askForAnswers(ways, order)) {
        assert.equal((answer as { status?: number }).status, 201, name)
      }
    }
  })
})

/**
 * Node's client sends the body of a GET in chunks without their framing, unless it is given them: what
 * then arrives is not HTTP, by no fault of the service. A body has its length where it is not a POST's.
 */
const framedRequest = hostileRequest.map((hostile) => ({
  ...hostile,
  chunked: hostile.chunked && hostile.method === 'POST',
}))

function statusOf(answers: ReadonlyMap<string, unknown>): number | undefined {
  const [answer] = answers.values()
  return (answer as { status?: number }).status
}
