import { printable } from '../foreign/printable.ts'
import type { Screen } from '../report/terminal.ts'
import type { ProgressOutput } from './progress.ts'

type Env = Readonly<Record<string, string | undefined>>

/** In which a table can still be read, and of which no terminal has more. */
const [LEAST, MOST, USUAL] = [20, 500, 100]

/** Characters in a line: COLUMNS where it is a number of them, else the terminal's, else 100. */
export function columnsOf(env: Env, { columns }: Readonly<{ columns?: number }>): number {
  const asked = /^[1-9]\d{0,8}$/.test(env['COLUMNS'] ?? '') ? Number(env['COLUMNS']) : undefined
  return Math.min(MOST, Math.max(LEAST, asked ?? (columns || USUAL)))
}

/** A terminal that knows escape sequences: TERM=dumb says that it does not. */
const isCapable = (env: Env, { isTTY }: Readonly<{ isTTY?: boolean }>): boolean =>
  isTTY === true && env['TERM'] !== 'dumb'

type Output = Readonly<{ env: Env; stdout: Readonly<{ columns?: number; isTTY?: boolean }> }>

/** What standard output can show: its width, colour unless NO_COLOR, and Unicode unless the locale is C. */
export function screenOf({ env, stdout }: Output): Screen {
  return {
    columns: columnsOf(env, stdout),
    unicode: !/^(C|POSIX)$/.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''),
    colour: isCapable(env, stdout) && !env['NO_COLOR'],
  }
}

type ErrorOutput = Readonly<{
  env: Env
  stderr: Readonly<{ columns?: number; isTTY?: boolean; write(text: string): unknown }>
}>

/** Where progress goes: standard error, as a live line only where a terminal can overwrite one. */
export function progressOutput({ env, stderr }: ErrorOutput): ProgressOutput {
  return {
    isTerminal: isCapable(env, stderr),
    columns: columnsOf(env, stderr),
    write: (text) => void stderr.write(text),
  }
}

/** A line on standard error: what goes on, and what a reader must know. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`)
}
