import assert from 'node:assert/strict'
import { chmod, readdir, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pg from 'pg'
import { type ConnectionCounter, connectionCounter } from '../../runner/telemetry/connections.ts'
import { withConnection } from '../../runner/testbed/database.ts'
import type { Binaries } from '../../runner/testbed/embedded/binaries.ts'
import { type StartedPostgres, startPostgres } from '../../runner/testbed/embedded/postgres.ts'
import { eventually } from '../service/testing/database.ts'

const DEBIAN = '/usr/lib/postgresql'

/** Every PostgreSQL of this machine: the kit's own, and those of Debian's packages. */
const servers: [name: string, binaries: Binaries | null][] = [
  ['embedded', null],
  ...(await readdir(DEBIAN).catch(() => [])).map((version): [string, Binaries] => [
    `PostgreSQL ${version}`,
    { initdb: `${DEBIAN}/${version}/bin/initdb`, postgres: `${DEBIAN}/${version}/bin/postgres` },
  ]),
]

/** A name that a log line has no quotes around, with all that it could be taken for. */
const [DATABASE, ROLE] = ['my "shop", a+b', 'my role database=x']

type Stand = Readonly<{
  postgres: StartedPostgres
  admin: pg.Client
  version: number
  counted: Awaited<ReturnType<typeof connectionCounter>>
}>

/** Does `work` with a server that has a database of this name, and the counter of its connections. */
async function withServer(
  binaries: Binaries | null,
  settings: Readonly<Record<string, string>>,
  work: (stand: Stand) => Promise<void>,
): Promise<void> {
  await using postgres = await startPostgres(
    binaries === null ? { settings } : { settings, binaries },
  )
  await withConnection(postgres.url, async (admin) => {
    await admin.query(`CREATE DATABASE ${admin.escapeIdentifier(DATABASE)}`)
    await admin.query(`CREATE ROLE ${admin.escapeIdentifier(ROLE)} LOGIN PASSWORD 'x'`)
    const { rows } = await admin.query<{ n: string }>(
      "SELECT current_setting('server_version_num') AS n",
    )
    const probe = () => withConnection(postgres.url, () => Promise.resolve())
    const counted = await connectionCounter(admin, DATABASE, probe)
    await work({ postgres, admin, version: Number(rows[0]?.n), counted })
  })
}

function counterOf({ counted }: Stand): ConnectionCounter {
  return 'reason' in counted ? assert.fail(counted.reason) : counted
}

/** Lets `times` sessions in, and as many of another database of the same server. */
async function connect({ postgres }: Stand, times: number): Promise<void> {
  const { host } = new URL(postgres.url)
  const [hostname = '', port] = host.split(':')
  const to = { host: hostname, port: Number(port), user: ROLE, password: 'x' }
  for (let n = 0; n < times; n += 1) {
    for (const database of [DATABASE, 'postgres']) {
      const client = new pg.Client({ ...to, database, application_name: `database=${n}` })
      await client.connect()
      await client.query('SELECT 1; SELECT 2')
      await client.end()
    }
  }
}

const currentLog = async ({ admin }: Stand): Promise<string> => {
  const { rows } = await admin.query<{ file: string }>('SELECT pg_current_logfile() AS file')
  return rows[0]?.file ?? ''
}

/** Begins a new file of the log, whose name has the second, and waits for the next: files know no less. */
async function rotate(stand: Stand): Promise<void> {
  const before = await currentLog(stand)
  await eventually('another file of the log', async () => {
    await stand.admin.query('SELECT pg_rotate_logfile()')
    return (await currentLog(stand)) !== before
  })
  await anotherSecond()
}

async function anotherSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000)
  await eventually('another second', () => Math.floor(Date.now() / 1000) > second)
}

/** The files of the log from the next second on, for minutes, where it is begun again in each second. */
async function namesToCome({ admin, postgres }: Stand): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `SELECT to_char(now() AT TIME ZONE current_setting('log_timezone') + n * interval '1 second',
                    'YYYYMMDD-HH24MISS') AS name
       FROM generate_series(1, 180) AS n`,
  )
  return rows.map(({ name }) => join(dirname(postgres.logFile), `postgresql-${name}.log`))
}

const BY_SECOND = 'postgresql-%Y%m%d-%H%M%S.log'

test(
  'connections are counted by sessions too, on a server of this machine',
  { skip: servers.length > 1 ? false : `no server in ${DEBIAN}: only the log is tried here` },
  () => assert.ok(servers.length > 1),
)

for (const [name, binaries] of servers) {
  const each = (
    what: string,
    settings: Record<string, string>,
    work: (stand: Stand, t: TestContext) => Promise<void>,
  ) =>
    void test(`${name}: ${what}`, (t) => withServer(binaries, settings, (stand) => work(stand, t)))

  for (const log_destination of ['stderr', 'csvlog', 'stderr,csvlog'])
    each(
      `connections are counted exactly, with ${log_destination}`,
      { log_destination },
      async (stand) => {
        const counter = counterOf(stand)
        assert.equal(counter.method, stand.version < 140_000 ? 'log' : 'sessions')
        const from = await counter.mark()
        await connect(stand, 7)
        // One that stays is counted as those that ended are.
        const { host } = new URL(stand.postgres.url)
        const [hostname = '', port] = host.split(':')
        const login = { host: hostname, port: Number(port), user: ROLE, password: 'x' }
        const kept = new pg.Client({ ...login, database: DATABASE })
        await kept.connect()
        const to = await counter.mark()
        await connect(stand, 3)
        assert.equal(await counter.between(from, to), 8)
        await kept.end()
      },
    )

  each(
    'connections are counted over files of the log',
    { log_filename: BY_SECOND },
    async (stand) => {
      const counter = counterOf(stand)
      await connect(stand, 2)
      const from = await counter.mark()
      await connect(stand, 3)
      await rotate(stand)
      await connect(stand, 4)
      const middle = await counter.mark()
      assert.equal(await counter.between(from, middle), 7)
      await rotate(stand)
      await connect(stand, 5)
      await rotate(stand)
      await connect(stand, 6)
      const to = await counter.mark()
      await rotate(stand)
      await connect(stand, 1)
      assert.equal(await counter.between(middle, to), 11)
      assert.equal(await counter.between(from, to), 18)
    },
  )

  each(
    'connections are counted in a file that is begun again under its name',
    {},
    async (stand) => {
      const counter = counterOf(stand)
      const from = await counter.mark()
      await connect(stand, 3)
      await stand.admin.query('SELECT pg_rotate_logfile()')
      await connect(stand, 4)
      assert.equal(await counter.between(from, await counter.mark()), 7)
    },
  )

  for (const isCut of [false, true])
    each(
      `connections are counted in a file of before whose name comes again, ${isCut ? 'cut' : 'as it was'}`,
      { log_filename: BY_SECOND },
      async (stand) => {
        const counter = counterOf(stand)
        await connect(stand, 1)
        const old = `LOG:  connection authorized: user=old database=${DATABASE}\n`.repeat(3)
        const names = await namesToCome(stand)
        for (const path of names) {
          await writeFile(path, `${Date.now()} ${old}`)
          await chmod(path, 0o666)
        }
        // The name of this second is not among them.
        await anotherSecond()
        const from = await counter.mark()
        await connect(stand, 3)
        if (isCut) await Promise.all(names.map((path) => truncate(path)))
        await rotate(stand)
        assert.ok(names.includes(await currentLog(stand)), 'its name was there')
        await connect(stand, 4)
        assert.equal(await counter.between(from, await counter.mark()), 7)
      },
    )

  each('a log that is cut is no count, and the next count is right again', {}, async (stand) => {
    const counter = counterOf(stand)
    const from = await counter.mark()
    await connect(stand, 3)
    // As log_truncate_on_rotation does at midnight, with a name that comes again.
    await truncate(stand.postgres.logFile)
    await connect(stand, 4)
    const to = await counter.mark()
    const count = counter.between(from, to)
    if (counter.method === 'sessions') assert.equal(await count, 7)
    else await assert.rejects(count, /does not show the line that the runner wrote to it/)
    await connect(stand, 5)
    assert.equal(await counter.between(to, await counter.mark()), 5)
  })

  each('statistics that were reset are no count', {}, async (stand, t) => {
    const counter = counterOf(stand)
    if (counter.method === 'log') {
      t.skip('this server is older than 14 and counts by its log')
      return
    }
    await connect(stand, 2)
    const from = await counter.mark()
    const { host, port, password } = stand.admin
    const own = { host, port, password: String(password), user: 'postgres', database: DATABASE }
    const client = new pg.Client(own)
    await client.connect()
    await client.query('SELECT pg_stat_reset()')
    await client.end()
    const count = async () => counter.between(from, await counter.mark())
    await assert.rejects(count, /were reset/)
  })

  for (const settings of [
    { log_connections: 'off' },
    { logging_collector: 'off' },
    { log_min_messages: 'fatal' },
  ]) {
    const [[what, value] = []] = Object.entries(settings)
    each(
      `without what it counts by (${what} ${value}) there is a reason and no zero`,
      settings,
      async (stand) => {
        if (stand.version >= 140_000) {
          const counter = counterOf(stand)
          const from = await counter.mark()
          await connect(stand, 2)
          assert.equal(await counter.between(from, await counter.mark()), 2)
          return
        }
        assert.ok('reason' in stand.counted, 'it is not believed')
        assert.match(stand.counted.reason, /^The database server could not count connections: /)
      },
    )
  }
}
