import { randomUUID } from 'node:crypto'
import { lstatSync, lutimes, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { writeWhole } from './whole-file.ts'

/** Who writes into the folder of a run. */
type Holder = Readonly<{
  pid: number
  host: string
  /** The PID namespace: a container may have the name of its host, and other processes. null off Linux. */
  pidSpace: string | null
  /** When the process began, in ticks since the machine did: a pid is used again. null off Linux. */
  startTicks: string | null
}>

export type RunLock = Readonly<{ release(): void }>

type Watching = Readonly<{
  /** Told of what takes seconds. */
  say?: (text: string) => void
  /** ms without a sign of life after which a holder that cannot be seen is taken for dead. */
  deadAfterMs?: number
}>

/** In the folder of a run while it is written: `run.ID.lock`, and `run.lock` of an older samehost. */
export const isLock = (name: string): boolean => /^run(\.[\da-f-]{36})?\.lock$/.test(name)

/** ms. How often the holder shows that it lives, to those who cannot see its process. */
const BEAT_MS = 2_000
/** ms. Five beats: a container that was killed shows none. */
const DEAD_AFTER_MS = 10_000
const LOOK_MS = 200
/** Times that two who come at once make way for each other, and ms that they then wait at most. */
const [TURNS, APART_MS] = [20, 100]

/**
 * Takes the folder of a run for this process, so that no second one writes into it. A lock whose process
 * is gone counts for nothing.
 *
 * Each process first lays down a lock of its own, under a name that nobody else ever has, and then looks
 * for others: of two, the one that came second sees the first. So nobody has to remove a name that another
 * could have taken meanwhile.
 *
 * @throws naming the process that holds it
 */
export async function lockRun(folder: string, watching: Watching = {}): Promise<RunLock> {
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    pidSpace: pidSpace(),
    startTicks: startTicksOf(process.pid),
  }
  const seen = new Set<string>()
  for (let turns = 1; ; turns += 1) {
    const lock = holding(join(folder, `run.${randomUUID()}.lock`))
    let other: Other | null
    try {
      await writeWhole(lock.path, `${JSON.stringify(own)}\n`)
      other = await liveBeside(folder, lock.path, watching)
    } catch (error) {
      lock.release()
      throw error
    }
    if (other === null) return lock
    lock.release()
    // One that was there the turn before does not make way.
    if (other.isSure || seen.has(other.path) || turns >= TURNS)
      throw new Error(inUse(folder, other))
    seen.add(other.path)
    await delay(Math.random() * APART_MS)
  }
}

/** Kept alive; gone when released, or when this process ends in whatever way it can still see. */
function holding(path: string): RunLock & Readonly<{ path: string }> {
  // Not at once: the folder may be on a slow share, and what measures waits for nothing. That the folder was
  // removed is no matter: there is nothing to hold.
  const beat = setInterval(() => lutimes(path, new Date(), new Date(), () => {}), BEAT_MS)
  beat.unref()
  const release = (): void => {
    clearInterval(beat)
    process.off('exit', release)
    rmSync(path, { force: true })
  }
  process.on('exit', release)
  return { path, release }
}

type Other = Readonly<{
  holder: Holder
  path: string
  /** It was seen to beat, and so holds the folder. */
  isSure: boolean
}>

/** The first of the others that lives; those that do not are removed. */
async function liveBeside(
  folder: string,
  own: string,
  { say = () => {}, deadAfterMs = DEAD_AFTER_MS }: Watching,
): Promise<Other | null> {
  const paths = readdirSync(folder)
    .filter(isLock)
    .map((name) => join(folder, name))
  for (const path of paths) {
    if (path === own) continue
    const holder = readHolder(path)
    if (holder !== null && canSee(holder)) {
      if (isAlive(holder)) return { holder, path, isSure: false }
    } else if (holder !== null) {
      say(
        `${nameOf(holder)} may still write its run into ${folder}: looking for ${deadAfterMs / 1000} s ` +
          'whether it does …',
      )
      const sign = await signOfLife(path, deadAfterMs)
      if (sign === 'seen') return { holder, path, isSure: true }
    }
    rmSync(path, { force: true, recursive: true })
  }
  return null
}

/** By this machine's own clock: that of another may be wrong. */
async function signOfLife(path: string, withinMs: number): Promise<'seen' | 'none'> {
  const beatOf = (): number | undefined => lstatSync(path, { throwIfNoEntry: false })?.mtimeMs
  const first = beatOf()
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    await delay(LOOK_MS)
    const now = beatOf()
    if (now === undefined) return 'none'
    if (now !== first) return 'seen'
  }
  return 'none'
}

const canSee = ({ host, pidSpace: space }: Holder): boolean =>
  host === hostname() && (space === null || space === pidSpace())

function pidSpace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return null
  }
}

function isAlive({ pid, startTicks }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: another user's, and alive.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startTicks === null || startTicksOf(pid) === startTicks
}

/** proc(5), /proc/PID/stat, field 22. */
function startTicksOf(pid: number): string | null {
  const text = readOrEmpty(`/proc/${pid}/stat`)
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Bytes. A lock is short; and a link, a pipe or a folder of that name is none. */
const LONGEST = 4_096

function readHolder(path: string): Holder | null {
  try {
    const entry = lstatSync(path)
    if (!entry.isFile() || entry.size > LONGEST) return null
    const fields = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<string, unknown>>
    const { pid, host } = fields
    const text = (name: string): string | null => {
      const value = fields[name]
      return typeof value === 'string' ? value : null
    }
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return null
    if (typeof host !== 'string') return null
    return { pid, host, pidSpace: text('pidSpace'), startTicks: text('startTicks') }
  } catch {
    return null
  }
}

const nameOf = ({ pid, host }: Holder): string => `Process ${pid} on ${host}`

const inUse = (folder: string, { holder, path }: Other): string =>
  `${nameOf(holder)} still writes its run into ${folder}. Wait until it has ended, or name another folder ` +
  `with --out. If it is no more, remove ${path}.`
