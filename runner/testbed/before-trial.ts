import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { printableLine } from '../foreign/printable.ts'

/** What resets the service before a trial did not. */
export class BeforeTrialFailed extends Error {}

/** ms. Long enough to restore a large dump, and short beside a night of trials that would all fail. */
const WITHIN_MS = 300_000

/** Characters of what a command wrote last that are kept of its failure. */
const LAST = 300

/**
 * Runs a command of the user's in a shell (POSIX `sh -c`), with all that it starts. What it writes goes nowhere but,
 * its end, into its failure.
 *
 * @param arm that is measured next, given as SAMEHOST_ARM
 * @throws BeforeTrialFailed where it fails or takes longer, by how; the reason of the signal
 */
export async function beforeTrial(
  command: string,
  arm: string,
  signal: AbortSignal,
  withinMs = WITHIN_MS,
): Promise<void> {
  signal.throwIfAborted()
  const child = spawn('/bin/sh', ['-c', command], {
    env: { ...process.env, SAMEHOST_ARM: arm },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it started can be ended with it.
    detached: true,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4 * LAST)))
  let isLate = false
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has just ended.
    }
  }
  const timer = setTimeout(() => {
    isLate = true
    end()
  }, withinMs)
  signal.addEventListener('abort', end)
  try {
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, string | null]
    signal.throwIfAborted()
    if (code === 0) return
    const how = isLate
      ? `took longer than ${withinMs / 1000} s`
      : `ended with ${code === null ? killedBy : `exit code ${code}`}`
    const last = printableLine(said).slice(-LAST)
    throw new BeforeTrialFailed(
      `The command of --before-trial ${how}${last === '' ? '' : `: ${last}`}.`,
    )
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    // What it left running in the background may hold them open.
    child.stdout.destroy()
    child.stderr.destroy()
  }
}
