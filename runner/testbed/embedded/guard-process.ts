import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { removeGroup } from './limits.ts'
import { removeSegment } from './shared-memory.ts'

/**
 * The guard's own process (see guard.ts): reads what is entrusted to it, a line each, and acts when
 * the pipe closes. It needs no acknowledgement: when all went well there is nothing left to end.
 */
const processes = new Set<number>()
/** Leaders of process groups. */
const awaited = new Set<number>()
const folders = new Set<string>()
const groups = new Set<string>()

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})

for await (const line of createInterface({ input: process.stdin })) {
  const [word, value] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]
  if (word === 'process') processes.add(Number(value))
  if (word === 'await') awaited.add(Number(value))
  if (word === 'forget') for (const pids of [processes, awaited]) pids.delete(Number(value))
  if (word === 'folder') folders.add(value)
  if (word === 'group') groups.add(value)
}

// SIGQUIT is PostgreSQL's immediate shutdown, which takes its backends with it; to Node it is fatal.
for (const pid of processes) signal(pid, 'SIGQUIT')
for (let waited = 0; waited < 50 && [...processes].some(isAlive); waited += 1) await delay(100)
for (const pid of processes) signal(pid, 'SIGKILL')
// initdb takes seconds. Killed half-way, or without its folder, its servers would leave their shared memory.
const isGroupAlive = (pid: number): boolean => isAlive(-pid)
for (let waited = 0; waited < 600 && [...awaited].some(isGroupAlive); waited += 1) await delay(100)
for (const pid of awaited) signal(-pid, 'SIGKILL')
for (const group of groups) await removeGroup(group)
for (const folder of folders) {
  await removeSegment(join(folder, 'data'))
  await rm(folder, { recursive: true, force: true })
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Already gone, which is what was wanted.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
