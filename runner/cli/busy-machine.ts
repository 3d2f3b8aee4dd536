import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import { nothingCounts, tooBusy } from '../analysis/host-state.ts'
import type { HostState, Trial } from '../measurement/trial.ts'

/** @returns whether to go on */
type Ask = (question: string) => Promise<boolean>

type Terminal = Readonly<{
  stdin: Readable & { isTTY?: boolean }
  stderr: Writable & { isTTY?: boolean }
}>

/** ms. A run that nobody watches is not kept waiting. */
const ANSWER_WITHIN_MS = 60_000

/**
 * A question on the terminal, yes or no. Enter, and a minute without an answer, mean yes: the run goes on.
 *
 * @param signal ends the waiting: the user has answered with a signal
 * @param readStat /proc/self/stat; empty where there is none
 * @returns null where there is no terminal on both sides
 */
export function askOn(
  { stdin, stderr }: Terminal,
  signal: AbortSignal,
  withinMs = ANSWER_WITHIN_MS,
  readStat = ownStat,
): Ask | null {
  if (stdin.isTTY !== true || stderr.isTTY !== true) return null
  return async (question) => {
    // Reading would stop the process (SIGTTIN): a shell runs it in the background, and its user is elsewhere.
    if (isInBackground(readStat())) return !signal.aborted
    // Not as a terminal: Ctrl-C stays a signal, which the run heeds.
    using lines = createInterface({ input: stdin, output: stderr, terminal: false })
    const giveUp = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
    const text = `${question} Go on? [Y/n, yes in ${withinMs / 1000} s] `
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
    const answer = await Promise.race([lines.question(text, { signal: giveUp }), closed]).catch(
      () => '',
    )
    stderr.write('\n')
    return !/^\s*n/i.test(answer) && !signal.aborted
  }
}

function ownStat(): string {
  try {
    return readFileSync('/proc/self/stat', 'utf8')
  } catch {
    return ''
  }
}

/** Has its terminal another process group in the foreground? @param stat as in proc_pid_stat(5), fields 5 and 8 */
function isInBackground(stat: string): boolean {
  // Field 2 is a name in brackets, which may have any character in it.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return foreground !== undefined && foreground !== '-1' && foreground !== group
}

type Setting = Readonly<{
  /** Cores of the machine. */
  cores: number
  /** The machine while nothing of the kit works. */
  read(): Promise<Pick<HostState, 'busyRatio'>>
  /** Of what the reader of the results must know. */
  warn(warning: string): void
  /** null: nobody can be asked, so the run goes on. */
  ask: Ask | null
}>

/** Whether a run goes on upon a machine that has no time for it: it says so, and asks. */
export function busyMachine({ cores, read, warn, ask }: Setting) {
  const goesOn = async (warning: string | null): Promise<boolean> => {
    if (warning !== null) warn(warning)
    return warning === null || ask === null || (await ask('Nothing of it will count.'))
  }
  return {
    /** Before the first trial. Read twice: what has just been started comes to its rest. */
    before: async (): Promise<boolean> => {
      const first = tooBusy(await read(), cores)
      return await goesOn(first && tooBusy(await read(), cores))
    },
    /** After the first, where more are to come. */
    after: (first: Pick<Trial, 'stages'>): Promise<boolean> => goesOn(nothingCounts([first])),
  }
}
