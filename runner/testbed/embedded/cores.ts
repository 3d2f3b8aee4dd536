import { type ChildProcess, execFile, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { CpuGroup } from './limits.ts'

/** Which cores are the instrument's alone, and which are left for the parts under test. */
export type CoreSplit = Readonly<{ instrument: readonly number[]; parts: readonly number[] }>

/**
 * The last cores go to the instrument: interrupts of devices most often are at the first.
 *
 * @param allowed cores that this process may use @param processes of the instrument that drive load
 * @returns null where not one core would be left for the parts
 */
export function splitCores(allowed: readonly number[], processes: number): CoreSplit | null {
  if (allowed.length <= processes) return null
  return { instrument: allowed.slice(-processes), parts: allowed.slice(0, -processes) }
}

/** `0-2,5`, as in proc_pid_status(5), Cpus_allowed_list. */
export function parseCores(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = (range.match(/\d+/g) ?? []).map(Number)
    return first <= last ? Array.from({ length: last - first + 1 }, (_, at) => first + at) : []
  })
}

export type OwnCores = CoreSplit &
  Readonly<{
    /** Lets the instrument use all its cores again. */
    release(): Promise<void>
  }>

const run = promisify(execFile)
const hold = async (pid: number, cores: readonly number[]): Promise<void> => {
  // All threads: those of V8 and of libuv have started already.
  await run('taskset', ['-acp', cores.join(','), String(pid)])
}

/**
 * Holds the instrument to cores of its own, so that it never waits for what it measures.
 *
 * @param pids of the instrument: the runner, or the loaders and the runner
 * @param processes how many of them drive load
 * @returns null where there are too few cores, or no taskset(1), as on macOS
 */
export async function takeOwnCores(
  pids: readonly number[],
  processes: number,
): Promise<OwnCores | null> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const allowed = parseCores(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '')
  const split = splitCores(allowed, processes)
  if (split === null) return null
  const holdAll = async (cores: readonly number[]): Promise<void> => {
    await Promise.all(pids.map((pid) => hold(pid, cores)))
  }
  const release = (): Promise<void> => holdAll(allowed).catch(() => {})
  try {
    await holdAll(split.instrument)
  } catch {
    await release()
    return null
  }
  return { ...split, release }
}

/** Where a process of the testbed runs; null: where it likes, and as much as it likes. */
export type Placement = Readonly<{ cores: readonly number[] | null; group: CpuGroup | null }>

export const ANYWHERE: Placement = { cores: null, group: null }

/** Waits for a line before it becomes the command: until then it is put where it belongs. */
const GATE = 'read -r _ && exec "$@" < /dev/null'

/**
 * Starts a process in its place from its first instruction on, with all that it starts in turn.
 *
 * @param options whose standard input is nothing
 */
export async function spawnPlaced(
  { cores, group }: Placement,
  [command, ...args]: readonly [string, ...string[]],
  options: Omit<SpawnOptions, 'stdio'> & { stderr: 'ignore' | 'pipe' },
): Promise<ChildProcess> {
  const program = cores === null ? command : 'taskset'
  const rest = cores === null ? args : ['-c', cores.join(','), command, ...args]
  const { stderr, ...others } = options
  if (group === null) {
    const child = spawn(program, rest, { ...others, stdio: ['ignore', 'ignore', stderr] })
    await once(child, 'spawn')
    return child
  }
  const child = spawn('/bin/sh', ['-c', GATE, 'sh', program, ...rest], {
    ...others,
    stdio: ['pipe', 'ignore', stderr],
  })
  await once(child, 'spawn')
  try {
    await group.add(child.pid ?? 0)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  child.stdin?.on('error', () => {})
  child.stdin?.end('\n')
  return child
}
