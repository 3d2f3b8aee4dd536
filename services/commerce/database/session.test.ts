import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Client } from 'pg'
import { admission } from './admission.ts'
import type { Connections } from './connections.ts'
import { isStale, sessions } from './session.ts'

type Script = Readonly<{ reused?: boolean; status?: 'I' | 'T'; fail?: Record<number, Error> }>

const LOST = new Error('Connection terminated unexpectedly')

/** Connections of which each statement succeeds but those that the script lets fail, by number. */
function scripted({ reused = false, status = 'I', fail = {} }: Script) {
  const sent: string[] = []
  const given: boolean[] = []
  const client = Object.assign(new Client(), {
    getTransactionStatus: () => status,
    query: async ({ name, text }: { name?: string; text: string }) => {
      sent.push(name === undefined ? text : 'named')
      const error = fail[sent.length]
      if (error) throw error
      return { command: 'SELECT', rowCount: 0, rows: [] }
    },
  })
  const connections: Connections = {
    lend: async () => ({ client, reused, giveBack: (broken) => void given.push(broken) }),
    close: async () => undefined,
  }
  const queue = admission(1, 0, 1_000)
  return { sent, given, queue, pool: sessions(connections, queue, { prepare: true }) }
}

describe('a kept connection that turns out dead', () => {
  test('at its first statement is stale: the request may be repeated', async () => {
    const { pool, given } = scripted({ reused: true, fail: { 1: LOST } })
    const session = await pool.connect()
    await assert.rejects(session.query('begin', []), isStale)
    session.release()
    assert.deepEqual(given, [true])
  })

  test('later is not: what was sent may have been done', async () => {
    const { pool, given } = scripted({ reused: true, fail: { 2: LOST } })
    const session = await pool.connect()
    await session.query('begin', [])
    await assert.rejects(session.query('commit', []), (error) => !isStale(error))
    session.release()
    assert.deepEqual(given, [true])
  })

  test('is not stale if it is new: repeating would not help', async () => {
    const { pool } = scripted({ reused: false, fail: { 1: LOST } })
    const session = await pool.connect()
    await assert.rejects(session.query('begin', []), (error) => !isStale(error))
  })

  test('is not stale if it hangs: that a server is slow is no reason to ask it twice', async () => {
    const { pool } = scripted({ reused: true, fail: { 1: new Error('Query read timeout') } })
    const session = await pool.connect()
    await assert.rejects(session.query('select', []), { kind: 'timeout' })
  })

  test('is sent nothing more, and the first failure is the one that is reported', async () => {
    const { pool, sent } = scripted({ fail: { 1: new Error('Query read timeout') } })
    const session = await pool.connect()
    await assert.rejects(session.query('select', []), { kind: 'timeout' })
    await assert.rejects(session.query('rollback', []), { kind: 'timeout' })
    assert.deepEqual(sent, ['select'])
  })
})

test('a connection is kept after a statement that was merely wrong', async () => {
  const { pool, given } = scripted({})
  const session = await pool.connect()
  await session.query('select', [])
  session.release()
  assert.deepEqual(given, [false])
})

test('a connection left within a transaction is not lent again', async () => {
  const { pool, given } = scripted({ status: 'T' })
  const session = await pool.connect()
  session.release()
  assert.deepEqual(given, [true])
})

test('the place in the queue is free again when there is no connection to be had', async () => {
  const refused: Connections = {
    lend: () => Promise.reject(new Error('ECONNREFUSED')),
    close: async () => undefined,
  }
  const pool = sessions(refused, admission(1, 0, 1_000), { prepare: false })
  await assert.rejects(pool.connect(), { kind: 'unreachable' })
  await assert.rejects(pool.connect(), { kind: 'unreachable' })
})

test('a statement with parameters is prepared under a name, one without is sent as it is', async () => {
  const { pool, sent } = scripted({})
  const session = await pool.connect()
  await session.query('select $1', [1])
  await session.query('begin', [])
  assert.deepEqual(sent, ['named', 'begin'])
})

test('the next is let in only once the server has let go of a connection that is closed', async () => {
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  const queue = admission(1, 1, 1_000)
  const closing: Connections = {
    lend: async () => ({ client: new Client(), reused: false, giveBack: () => closed }),
    close: async () => undefined,
  }
  const pool = sessions(closing, queue, { prepare: false })
  const session = await pool.connect()
  session.release()
  let admitted = false
  const next = pool.connect().then(() => (admitted = true))
  await new Promise(setImmediate)
  assert.equal(admitted, false)
  close()
  await next
})
