import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import fc from 'fast-check'
import { contractSuite } from '../../runner/cli/prepare.ts'
import { type ContractResponses, contractResponses } from '../service/testing/contract.ts'
import { judgeHostile } from '../service/testing/hostile-judge.ts'
import { hostileRequest } from '../service/testing/hostile-request.ts'
import { sendHostile } from '../service/testing/hostile-send.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker, type Outcome } from './kit.ts'

const ARMS = [
  'floor',
  'fastapi-pooled',
  'fastapi-persistent',
  'fastapi-per-request',
  'django-pooled',
  'django-persistent',
  'django-per-request',
  'go-pooled',
]
/** Of each arm; the tens of thousands are for the reference service (test/service/fuzz.test.ts). */
const CASES = 300
const ENV = {
  COMPOSE_PROJECT_NAME: `samehost-contenders-${process.pid}`,
  COMPOSE_PROFILES: 'all,example,locust',
  SAMEHOST_PORT: '0',
}

/**
 * Node's client sends the body of a GET in chunks without their framing, unless it is told of them: what
 * then arrives is not HTTP, by no fault of the service. A body has its length where it is not a POST's.
 */
const framedRequest = hostileRequest.map((hostile) => ({
  ...hostile,
  chunked: hostile.chunked && hostile.method === 'POST',
}))

/** Go answers a path that is no URI (RFC 3986, 2.1) before any handler, in plain text: for Nginx to refuse. */
const uriRequest = framedRequest.filter(
  ({ path }) => !/%(?![0-9a-f]{2})/i.test(path.replace(/\?.*/, '')),
)

/** Each contender as compose.yaml has it, one at a time: the database has 100 connections. */
void suite('the contenders keep the contract', { skip: await skipWithoutEngine() }, () => {
  let folder: string
  let contract: ContractResponses
  /** By any of them: few cases an arm, and few of those are orders. */
  const answered = new Set<number>()

  const compose = async (...args: string[]): Promise<Outcome> => {
    const files = ['-f', 'compose.yaml', '-f', join(folder, 'published.yaml')]
    const done = await docker(['compose', ...files, ...args], ENV)
    assert.equal(done.code, 0, `${args.join(' ')}\n${done.stdout}${done.stderr}`)
    return done
  }

  before(async () => {
    contract = await contractResponses()
    folder = await mkdtemp(join(tmpdir(), 'samehost-contenders-'))
    // Past the front door, which has answers of its own to what is no good request.
    const published = ARMS.map(
      (arm) => `  ${arm}: { networks: [door], ports: ['127.0.0.1:0:8080'] }\n`,
    )
    await writeFile(join(folder, 'published.yaml'), `services:\n${published.join('')}`)
    await compose('build', 'seed', 'floor', 'fastapi-pooled', 'django-pooled', 'go-pooled')
    await compose('up', '-d', '--wait', 'db')
    await compose('run', '--rm', '--no-deps', '-T', 'seed', '')
  })

  after(async () => {
    await compose('down', '-v', '--remove-orphans')
    await rm(folder, { recursive: true, force: true })
  })

  for (const arm of ARMS) {
    test(`${arm}: the suite of the contract, and whatever else is sent`, async (t) => {
      await compose('up', '-d', '--wait', '--no-deps', arm)
      const { stdout } = await compose('port', arm, '8080')
      const url = `http://${stdout.trim()}`
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      try {
        assert.deepEqual(await (await contractSuite())(url), [])

        const seen: Record<number, number> = {}
        const requests = arm.startsWith('go-') ? uriRequest : framedRequest
        const property = fc.asyncProperty(requests, async (hostile) => {
          const answer = await sendHostile(url, agent, hostile)
          seen[answer.status] = (seen[answer.status] ?? 0) + 1
          judgeHostile(contract, hostile, answer)
        })
        await fc.assert(property, { numRuns: CASES })
        t.diagnostic(`answers by status: ${JSON.stringify(seen)}`)
        for (const status of Object.keys(seen)) answered.add(Number(status))
      } finally {
        agent.destroy()
        await compose('rm', '-sf', arm)
      }
    })
  }

  test('what was sent got as far as every kind of answer', () => {
    for (const status of [200, 201, 400, 404, 405, 415, 422]) {
      assert.ok(answered.has(status), `the fuzz never got as far as ${status}`)
    }
  })
})
