import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Observer, type PartCounters, readMachine } from './counters.ts'

/** Ticks a second of /proc/PID/stat: fixed at 100 for user space on every Linux port of Node. */
const TICK_US = 10_000
const PAGE_BYTES = 4096

/**
 * The CPU and memory of process trees on this machine: the arm's and the database's.
 *
 * PostgreSQL has a process for each connection. Those that live are read one by one; those that ended
 * are in their parent's counters once it has waited for them (proc(5): cutime, cstime), so that nothing
 * is lost when connections come and go.
 *
 * A process of neither tree is read once and left out from then on, since none becomes a child later: the
 * machine's hundreds of others would cost the runner a hundredth of a core. A reading in which a process of
 * theirs may be missing has neither part: a smaller figure would pass for less work, or for a restart.
 *
 * @param proc where the system shows its processes
 */
export function observeProcesses(
  roots: Readonly<{ app: number; db: number | null }>,
  proc = '/proc',
): Observer {
  const strangers = new Set<number>()
  let own: ReadonlySet<number> = new Set([roots.app, roots.db ?? roots.app])
  return {
    read: async () => {
      const machine = await readMachine()
      const reading = process.platform === 'linux' ? readProc(proc, strangers, own) : readPs()
      const rows = await reading.catch(() => null)
      const runner = readRunnerProcess()
      if (rows === null) return { ...machine, runner }
      const [ofApp, ofDb] = [
        treeOf(rows, roots.app),
        roots.db === null ? [] : treeOf(rows, roots.db),
      ]
      own = new Set([roots.app, roots.db ?? roots.app, ...[...ofApp, ...ofDb].map(pidOf)])
      for (const row of rows) if (!own.has(row.pid)) strangers.add(row.pid)
      const [app, db] = [sum(ofApp), sum(ofDb)]
      return {
        ...(app === null ? {} : { app }),
        ...(db === null ? {} : { db }),
        ...machine,
        runner,
      }
    },
  }
}

const pidOf = ({ pid }: ProcessRow): number => pid

function sum(rows: readonly ProcessRow[]): PartCounters | null {
  if (rows.length === 0) return null
  return {
    atMs: performance.now(),
    cpuUs: rows.reduce((total, row) => total + row.cpuUs, 0),
    // User and system time of each are whole ticks (Linux) or whole seconds together (ps).
    cpuMissedUs: rows.length * (process.platform === 'linux' ? 2 * TICK_US : 1e6),
    periods: null,
    throttledPeriods: null,
    memoryBytes: rows.reduce((total, row) => total + row.memoryBytes, 0),
    memoryLimitBytes: null,
    networkRxBytes: null,
    networkTxBytes: null,
    restarts: 0,
    oomKills: 0,
  }
}

/** Files of /proc that are open at a time: a machine has hundreds of processes, and few descriptors left. */
const AT_A_TIME = 8

/** A process that ended between the listing and the reading, and one that belongs to somebody else. */
const [ENDED, DENIED] = [new Set(['ENOENT', 'ESRCH']), new Set(['EACCES', 'EPERM'])]

/**
 * @param strangers ids that are left out; those that have ended are taken from it, as an id is given again
 * @param own ids of the trees as last read
 * @returns null where one that is or may be of the trees could not be read
 */
async function readProc(
  proc: string,
  strangers: Set<number>,
  own: ReadonlySet<number>,
): Promise<ProcessRow[] | null> {
  const all = new Set((await readdir(proc)).filter((name) => /^\d+$/.test(name)).map(Number))
  for (const pid of strangers) if (!all.has(pid)) strangers.delete(pid)
  const pids = [...all].filter((pid) => !strangers.has(pid))
  const rows: ProcessRow[] = []
  let isWhole = true
  const readSome = async (): Promise<void> => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      try {
        rows.push(parseStat(await readFile(join(proc, String(pid), 'stat'), 'latin1')))
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException
        if (!ENDED.has(code) && !(DENIED.has(code) && !own.has(pid))) isWhole = false
      }
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, readSome))
  return isWhole ? rows : null
}

/** proc(5), /proc/PID/stat. The second field is a name in parentheses and may itself hold any. */
export function parseStat(stat: string): ProcessRow {
  const pid = Number(stat.slice(0, stat.indexOf(' ')))
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  const ticks = field(14) + field(15) + field(16) + field(17)
  return {
    pid,
    parent: field(4),
    cpuUs: ticks * TICK_US,
    memoryBytes: field(24) * PAGE_BYTES,
  }
}

const run = promisify(execFile)

/** Elsewhere (macOS): the system does not tell the time of ended children, so the figure is a lower bound. */
async function readPs(): Promise<ProcessRow[]> {
  const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,time=,rss='])
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, time = '', rss] = line.trim().split(/\s+/)
      const seconds = time.split(':').reduce((total, part) => total * 60 + Number(part), 0)
      return {
        pid: Number(pid),
        parent: Number(parent),
        cpuUs: seconds * 1e6,
        memoryBytes: Number(rss) * 1024,
      }
    })
}

export type ProcessRow = Readonly<{
  pid: number
  parent: number
  /** Own and that of the children it has waited for. */
  cpuUs: number
  memoryBytes: number
}>

/** The process and all its descendants; empty if it has ended. */
export function treeOf(rows: readonly ProcessRow[], root: number): ProcessRow[] {
  const children = new Map<number, ProcessRow[]>()
  for (const row of rows) children.set(row.parent, [...(children.get(row.parent) ?? []), row])
  const found = rows.filter((row) => row.pid === root)
  for (const row of found) found.push(...(children.get(row.pid) ?? []))
  return found
}

/** This process, by its own counters: the same on every testbed, and exact. */
export function readRunnerProcess(): PartCounters {
  const { user, system } = process.cpuUsage()
  return {
    atMs: performance.now(),
    cpuUs: user + system,
    periods: null,
    throttledPeriods: null,
    memoryBytes: process.memoryUsage.rss(),
    memoryLimitBytes: null,
    networkRxBytes: null,
    networkTxBytes: null,
    restarts: 0,
    oomKills: 0,
  }
}

type Usage = Readonly<{ cpuUs: number; memoryBytes: number }>

/** The same parts, with processes of the runner's own counted as the runner; without it if they cannot say. */
export function withProcesses(observer: Observer, usage: () => Promise<Usage>): Observer {
  return {
    read: async (moment) => {
      const [{ runner, ...parts }, more] = await Promise.all([
        observer.read(moment),
        usage().catch(() => null),
      ])
      if (runner === undefined || more === null) return parts
      const cpuUs = runner.cpuUs + more.cpuUs
      return {
        ...parts,
        runner: { ...runner, cpuUs, memoryBytes: runner.memoryBytes + more.memoryBytes },
      }
    },
  }
}
