import { randomUUID } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { ConnectionCounter } from './connections.ts'

/** A line of the log that the runner had written, and the files of the log as they were before it. */
export type LogMark = Readonly<{ kind: 'log'; id: string; files: readonly LogFile[] }>

type LogFile = Readonly<{ name: string; size: number; modifiedMs: number; tail: Buffer }>

/**
 * Counts what `log_connections` writes once a session is let in (PostgreSQL manual, 19.8.2).
 *
 * A mark is a line of the log itself. So what lies between two marks lies in the order in which the server
 * wrote it, however late that is and into however many files; and where a mark is not found again, the log
 * between was cut, and there is no count in place of a wrong one.
 *
 * @param client of a role that may read the log: a superuser
 */
export function logCounter(client: pg.Client, database: string): ConnectionCounter {
  return {
    method: 'log',
    mark: async () => {
      const { files } = await listed(client)
      const id = randomUUID()
      await client.query(`DO $$ BEGIN RAISE LOG 'samehost mark %', '${id}'; END $$`)
      return { kind: 'log', id, files }
    },
    between: async (from, to) => {
      if (from.kind !== 'log' || to.kind !== 'log') throw new Error('marks of statistics')
      const deadline = performance.now() + WRITTEN_WITHIN_MS
      for (;;) {
        const count = countBetween(await scannedSince(client, database, from, to))
        if (count !== null) return count
        if (performance.now() > deadline) {
          throw new Error(
            'its log does not show the line that the runner wrote to it: is it rotated or cut?',
          )
        }
        await delay(50)
      }
    },
  }
}

/** ms. The log is written by a process of its own, which a busy machine may keep waiting. */
const WRITTEN_WITHIN_MS = 5_000

/** Bytes at the end of a file that identify it: its last lines, with their times. */
const TAIL = 512

/** The files of the log that is written now, of one form. @throws where SQL cannot read it */
async function listed(
  client: pg.Client,
): Promise<{ folder: string; isCsv: boolean; files: LogFile[] }> {
  const current = await client.query<{ file: string | null }>('SELECT pg_current_logfile() AS file')
  const file = current.rows[0]?.file ?? null
  if (file === null) {
    throw new Error(
      'before PostgreSQL 14 it counts them in its log, which is kept in no file. ' +
        '`ALTER SYSTEM SET logging_collector = on`, `ALTER SYSTEM SET log_connections = on`; then restart it.',
    )
  }
  const [folder, isCsv] = [dirname(file), file.endsWith('.csv')]
  const { rows } = await client.query<{ name: string; size: string; modified: Date; tail: Buffer }>(
    `SELECT name, size, modification AS modified,
            pg_read_binary_file($1 || name, greatest(size - $2, 0), least(size, $2), true) AS tail
       FROM pg_ls_logdir() WHERE (name LIKE '%.csv') = $3`,
    [`${folder}/`, TAIL, isCsv],
  )
  const files = rows.map(({ name, size, modified, tail }) => {
    return { name, size: Number(size), modifiedMs: Number(modified), tail }
  })
  if (files.some(({ name }) => name === basename(file))) return { folder, isCsv, files }
  throw new Error(`its log ${file} is not in its folder of logs (log_directory)`)
}

/**
 * Where what is new in a file begins: after what was there, or at its start, where it was begun again under its
 * name, as log_truncate_on_rotation does.
 */
async function newFrom(client: pg.Client, path: string, known: LogFile | undefined, size: number) {
  if (known === undefined || known.size > size) return 0
  const { rows } = await client.query<{ tail: Buffer }>(
    'SELECT pg_read_binary_file($1, $2, $3) AS tail',
    [path, known.size - known.tail.length, known.tail.length],
  )
  return rows[0]?.tail.equals(known.tail) === true ? known.size : 0
}

/** What one file holds of connections: from a mark on, up to a mark, and between the two. */
type Scanned = {
  readonly modifiedMs: number
  hasFrom: boolean
  hasTo: boolean
  all: number
  afterFrom: number
  beforeTo: number
  between: number
}

async function scannedSince(
  client: pg.Client,
  database: string,
  from: LogMark,
  to: LogMark,
): Promise<Scanned[]> {
  const { folder, isCsv, files } = await listed(client)
  const line = authorized(database, isCsv)
  const [fromText, toText] = [from, to].map(({ id }) => `samehost mark ${id}`) as [string, string]
  const scans: Scanned[] = []
  for (const { name, size, modifiedMs } of files) {
    const path = join(folder, name)
    const known = from.files.find((file) => file.name === name)
    const start = await newFrom(client, path, known, size)
    if (start === size) continue
    const counts = { all: 0, afterFrom: 0, beforeTo: 0, between: 0 }
    const scan: Scanned = { modifiedMs, hasFrom: false, hasTo: false, ...counts }
    for await (const text of linesOf(client, path, start, size)) {
      if (text.includes(fromText)) scan.hasFrom = true
      else if (text.includes(toText)) scan.hasTo = true
      else if (line.test(text)) {
        scan.all += 1
        if (scan.hasFrom) scan.afterFrom += 1
        if (!scan.hasTo) scan.beforeTo += 1
        if (scan.hasFrom && !scan.hasTo) scan.between += 1
      }
    }
    scans.push(scan)
  }
  return scans
}

/** null while a mark is missing. @throws where the files have no order */
function countBetween(scans: readonly Scanned[]): number | null {
  const [first, last] = [scans.find((scan) => scan.hasFrom), scans.find((scan) => scan.hasTo)]
  if (first === undefined || last === undefined) return null
  if (first === last) return first.between
  const others = scans.filter((scan) => scan !== first && scan !== last)
  const edges = new Set([first.modifiedMs, last.modifiedMs])
  if (others.some(({ modifiedMs, all }) => all > 0 && edges.has(modifiedMs))) {
    throw new Error('its log was rotated more than once a second, and its files have no order')
  }
  return others
    .filter(({ modifiedMs: at }) => at > first.modifiedMs && at < last.modifiedMs)
    .reduce((sum, { all }) => sum + all, first.afterFrom + last.beforeTo)
}

/** The line of a session of this database, in its form of the log, as bytes that were read as Latin-1. */
function authorized(database: string, isCsv: boolean): RegExp {
  const bytes = Buffer.from(database).toString('latin1')
  const name = (isCsv ? bytes.replaceAll('"', '""') : bytes).replaceAll(
    /[.*+?^${}()|[\]\\]/g,
    String.raw`\$&`,
  )
  const start = isCsv ? ',LOG,00000,"' : String.raw`LOG:  (?:00000: )?`
  const end = isCsv ? '"' : String.raw`\r?$`
  return new RegExp(
    `${start}connection authorized: user=.*? database=${name}(?= application_name=| SSL enabled| GSS |${end})`,
  )
}

/** Bytes of log fetched at once. */
const CHUNK = 4_000_000

/** Whole lines of a file between two offsets. */
async function* linesOf(
  client: pg.Client,
  path: string,
  from: number,
  to: number,
): AsyncGenerator<string> {
  let rest = ''
  for (let at = from; at < to; at += CHUNK) {
    const { rows } = await client.query<{ text: Buffer }>(
      'SELECT pg_read_binary_file($1, $2, $3) AS text',
      [path, at, Math.min(CHUNK, to - at)],
    )
    const lines = (rest + (rows[0]?.text.toString('latin1') ?? '')).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
}
