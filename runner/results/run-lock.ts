import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, utimesSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { remedyFor } from './whole-file.ts'

/** Who writes into the folder of a run. */
type Holder = Readonly<{
  pid: number
  host: string
  /** When the process began, in ticks since the machine did: a pid is used again. null off Linux. */
  startTicks: string | null
  /** Of this lock: no other has it. */
  id: string
}>

export type RunLock = Readonly<{ release(): void }>

/** In the folder of a run while it is written. */
export const LOCK_FILE = 'run.lock'
/** ms. How often the holder shows that it lives, to those on another host who cannot see its process. */
const BEAT_MS = 10_000
/** ms without a beat after which a holder elsewhere is taken for dead: a container that was killed. */
const DEAD_AFTER_MS = 60_000

/**
 * Takes the folder of a run for this process, so that no second one writes into it. A lock whose process
 * is gone counts for nothing.
 *
 * @throws naming the process that holds it
 */
export async function lockRun(folder: string): Promise<RunLock> {
  const path = join(folder, LOCK_FILE)
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    startTicks: startTicksOf(process.pid),
    id: randomUUID(),
  }
  const text = `${JSON.stringify(own)}\n`
  for (let looks = 0; ; looks += 1) {
    try {
      await writeFile(path, text, { flag: 'wx' })
      break
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
        throw new Error(remedyFor(path, cause), { cause })
      const holder = await liveHolder(path)
      if (holder !== null || looks > 3) throw new Error(inUse(folder, holder, path), { cause })
      rmSync(path, { force: true })
    }
  }
  return hold(path, own)
}

/** Keeps the lock alive; gone when released, or when this process ends in whatever way it can still see. */
function hold(path: string, { id }: Holder): RunLock {
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date())
    } catch {
      // The folder was removed: there is nothing to hold.
    }
  }, BEAT_MS)
  beat.unref()
  const release = (): void => {
    clearInterval(beat)
    process.off('exit', release)
    if (readHolder(readOrEmpty(path))?.id === id) rmSync(path, { force: true })
  }
  process.on('exit', release)
  return { release }
}

/** The one who holds the lock, if it may still live. */
async function liveHolder(path: string): Promise<Holder | null> {
  const holder = readHolder(await readFile(path, 'utf8').catch(() => ''))
  const beatMs = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  const fresh = Date.now() - beatMs < DEAD_AFTER_MS
  if (holder === null) return null
  if (holder.host !== hostname()) return fresh ? holder : null
  return isAlive(holder) ? holder : null
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

function readHolder(text: string): Holder | null {
  try {
    const { pid, host, startTicks, id } = JSON.parse(text) as Partial<Record<string, unknown>>
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return null
    if (typeof host !== 'string' || typeof id !== 'string') return null
    return { pid, host, startTicks: typeof startTicks === 'string' ? startTicks : null, id }
  } catch {
    return null
  }
}

function inUse(folder: string, holder: Holder | null, path: string): string {
  const who = holder === null ? 'Another run' : `Process ${holder.pid} on ${holder.host}`
  return (
    `${who} still writes its run into ${folder}. Wait until it has ended, or name another folder with ` +
    `--out. If it is no more, remove ${path}.`
  )
}
