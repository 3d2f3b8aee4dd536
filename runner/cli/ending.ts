import { printable } from '../foreign/printable.ts'
import { isCopyByNpm } from './npm.ts'

/**
 * How the process of a run ends: asked by a signal, without a reader of what it says, and in time,
 * whatever it started may still want.
 */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** Exit code of a run that a signal ended. */
export const INTERRUPTED = 130

/** An error that nobody waited for: what it leaves undone is not known, so the run ends with what there is. */
export class StrayError extends Error {
  constructor(cause: unknown) {
    const text = cause instanceof Error ? cause.message : String(cause)
    super(`An error that no part of the runner waited for: ${text}`, { cause })
  }
}

const STRAYS = ['unhandledRejection', 'uncaughtException'] as const

/**
 * The first signal asks the run to end in order, with what there is; a second one ends it at once, and
 * the guard (testbed/embedded/guard.ts) clears up what is left. A stray error asks too: it is the reason then.
 */
export function onInterrupt(): Readonly<{ signal: AbortSignal; [Symbol.dispose](): void }> {
  const controller = new AbortController()
  const stray = (cause: unknown): void => {
    const error = new StrayError(cause)
    const stack = cause instanceof Error ? (cause.stack ?? '') : ''
    process.stderr.write(printable(`\n${error.message} Ending with what there is.\n${stack}\n`))
    controller.abort(error)
  }
  let firstMs = Number.NaN
  const listener = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (isCopyByNpm(performance.now() - firstMs, process.env)) return
      process.exit(INTERRUPTED)
    }
    firstMs = performance.now()
    process.stderr.write(`\n${name}: ending with what there is; once more to end at once.\n`)
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, listener)
  for (const name of STRAYS) process.on(name, stray)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, listener)
      for (const name of STRAYS) process.off(name, stray)
    },
  }
}

/**
 * A reader that goes away (`| head`, a closed terminal, a full disk behind a redirection) ends the
 * talking and not the run. Node reports it as an event of the stream, which would end the process.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

const END_WITHIN_MS = 15_000

/**
 * From now on there is little left to do: what still keeps the process alive after `withinMs` is a defect, and
 * the process ends by force.
 */
export function endWithinLimit(exitCode: number, withinMs = END_WITHIN_MS): Disposable {
  const timer = setTimeout(() => {
    const kept = [...new Set(process.getActiveResourcesInfo())]
      .filter((name) => !/^(TTY|Pipe)Wrap$/.test(name))
      .join(', ')
    process.stderr.write(
      `samehost: all was done ${withinMs / 1000} s ago and the process did not end ` +
        `(${kept || 'nothing known'} kept it): it ends by force.\n`,
    )
    process.exit(exitCode)
  }, withinMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearTimeout(timer) }
}
