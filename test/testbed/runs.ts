import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { usablePlaces } from '../../runner/testbed/embedded/cgroup.ts'
import { SHOP_ENV } from '../fixtures/shop.ts'

export type Followed = Readonly<{
  child: ChildProcess
  /** All that it wrote, to either stream. */
  said(): string
  /** Waits until it has written this, four minutes at most; fails if it ends before. */
  until(pattern: RegExp): Promise<void>
  /** Exit code; waits for it. */
  ended(): Promise<number | null>
}>

/** Follows what a process writes and how it ends. */
export function follow(child: ChildProcess): Followed {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  }
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    child,
    said: () => text,
    async until(pattern) {
      const deadlineMs = performance.now() + 240_000
      while (!pattern.test(text) && !isOver() && performance.now() < deadlineMs) await delay(50)
      assert.match(text, pattern)
    },
    ended: () => exit,
  }
}

/**
 * Processes of this machine whose environment or command line names `mark`, as `pid command`; Linux alone
 * tells, elsewhere there are none. A run is marked by its temporary folder.
 */
export async function processesNaming(mark: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    const read = (name: string): Promise<string> =>
      readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')
    const [command, environment] = [await read('cmdline'), await read('environ')]
    const words = command.replaceAll('\0', ' ').trim()
    if (words !== '' && `${command}${environment}`.includes(mark)) found.push(`${pid} ${words}`)
  }
  return found
}

/** Ids of the processes that `parent` started and whose command line holds `words`. */
export async function childrenOf(parent: number, words: string): Promise<number[]> {
  const found: number[] = []
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    if (Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]) !== parent) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.replaceAll('\0', ' ').includes(words)) found.push(Number(pid))
  }
  return found
}

/**
 * What of a run's processes is still there after the guard had its time.
 *
 * @param mark its temporary folder
 * @param children the processes that it had started
 */
export async function leftRunning(mark: string, children: readonly number[]): Promise<string[]> {
  const look = async (): Promise<string[]> => [
    ...(await processesNaming(mark)),
    ...children.filter(isAlive).map(String),
  ]
  for (let looks = 0; looks < 200 && (await look()).length > 0; looks += 1) await delay(50)
  return await look()
}

/** The groups in which a run limits its hosts, by its process id. */
export async function groupsOf(pid: number | undefined): Promise<string[]> {
  const folders = (await usablePlaces()).map((place) => readdir(place.folder).catch(() => []))
  const names = (await Promise.all(folders)).flat()
  return names.filter((name) => name.startsWith(`samehost-${pid}-`))
}

/** Those that are still there after the guard had its time. */
export async function groupsLeft(pid: number | undefined): Promise<string[]> {
  for (let looks = 0; looks < 200 && (await groupsOf(pid)).length > 0; looks += 1) await delay(50)
  return await groupsOf(pid)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The runner as a program. */
export const MAIN = fileURLToPath(new URL('../../runner/main.ts', import.meta.url))

/** A run of the runner as a process, whose temporary files are all in `folder`: what stays can be seen. */
export function startRun(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Followed {
  return follow(
    spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, ...SHOP_ENV, TMPDIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

/** What the runner left in its temporary folder, after the guard had its time to clear up. */
export async function leftBehind(folder: string): Promise<string[]> {
  const look = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith('samehost-'))
  for (let looks = 0; looks < 200 && (await look()).length > 0; looks += 1) await delay(50)
  return await look()
}
