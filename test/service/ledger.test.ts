import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '../faults/ledger.ts'
import { SCARCE_ITEM, startLoad } from '../faults/load.ts'
import { eventually, type ServiceDatabase, startDatabase } from './testing/database.ts'
import { type StartedService, startFloor, startService } from './testing/service.ts'

/** The same in containers, of every mode and more faults: test/faults. */
const OUTAGE_MS = 2_000
const SCARCE_STOCK = 40

let database: ServiceDatabase
before(async () => {
  database = await startDatabase()
})
after(() => database.stop())

/** The service under load, which another process may take the place of. */
type Scene = Readonly<{ service: StartedService; startAgain: () => Promise<void> }>

const ended = ({ process }: StartedService): Promise<void> =>
  eventually(
    'the service has ended',
    () => process.exitCode !== null || process.signalCode !== null,
  )

/** The server's own process and all those of its connections and of its own work. */
async function serverProcesses(): Promise<number[]> {
  const rows = await database.query<{ pid: number }>(
    `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::integer AS pid
     UNION ALL SELECT pid FROM pg_stat_activity`,
  )
  return rows.map(({ pid }) => pid)
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      // That of a connection that has closed since.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

async function stand(pids: readonly number[]): Promise<void> {
  signal(pids, 'SIGSTOP')
  await delay(OUTAGE_MS)
  signal(pids, 'SIGCONT')
}

const FAULTS: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  async 'the service is killed and started again'({ service, startAgain }) {
    service.process.kill('SIGKILL')
    await ended(service)
    await startAgain()
  },
  async 'the service is drained and started again'({ service, startAgain }) {
    assert.equal(await service.stop(), 0)
    await startAgain()
  },
  'the service stands still for a while': ({ service }) => stand([service.process.pid ?? 0]),
  async 'a process of the database is killed, and it recovers'() {
    const [writer] = await database.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`,
    )
    signal([writer?.pid ?? 0], 'SIGKILL')
    await eventually('it is another database', async () => {
      const began = await database
        .query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`)
        .catch(() => [])
      return began[0] !== undefined && began[0].pid !== writer?.pid
    })
  },
  async 'the database stands still for a while'() {
    await stand(await serverProcesses())
  },
}

for (const [name, start] of Object.entries({ commerce: startService, floor: startFloor })) {
  describe(name, () => {
    for (const [at, [what, strike]] of Object.entries(FAULTS).entries()) {
      test(`${what}: what was acknowledged is completed and stored, and nothing else is sold`, async (t) => {
        await database.query(
          `UPDATE product_items SET stock = sold + ${SCARCE_STOCK} WHERE id = ${SCARCE_ITEM}`,
        )
        const env = {
          DATABASE_URL: database.url,
          DB_STATEMENT_TIMEOUT: '1s',
          DB_CONNECT_TIMEOUT: '1s',
          DB_ACQUIRE_TIMEOUT: '1s',
        }
        let service = await start(env)
        t.after(() => service.stop())
        const numbers = `${name}-${at}`
        const load = startLoad(() => service.url, numbers)
        const servesAll = (sinceMs: number): Promise<void> =>
          eventually('every client is served', () => load.servesAllSince(sinceMs))
        try {
          await servesAll(performance.now())
          const startAgain = async (): Promise<void> => void (service = await start(env))
          await strike({ service, startAgain })
          await servesAll(performance.now())
        } finally {
          await load.stop()
        }
        await service.stop()
        const { ledger } = load
        const { stored, unanswered, ...wrong } = await audit(database, numbers, ledger)
        const outcomes = JSON.stringify(Object.fromEntries(ledger.outcomes))
        t.diagnostic(`${ledger.acknowledged.size} acknowledged, ${stored} stored; ${outcomes}`)
        assert.deepEqual(ledger.breaches, [])
        assert.deepEqual(wrong, { lost: 0, pending: 0, unasked: 0, wronglySold: 0 })
        assert.ok(stored >= ledger.acknowledged.size && ledger.acknowledged.size > 0)
        assert.equal(stored - ledger.acknowledged.size, unanswered)
      })
    }
  })
}
