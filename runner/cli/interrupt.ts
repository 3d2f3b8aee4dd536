const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * The first signal asks the run to end in order, with what there is; a second one ends it at once, and
 * the guard (testbed/embedded/guard.ts) clears up what is left.
 */
export function onInterrupt(): Readonly<{ signal: AbortSignal; [Symbol.dispose](): void }> {
  const controller = new AbortController()
  const listener = (name: NodeJS.Signals): void => {
    // oxlint-disable-next-line unicorn/no-process-exit -- the user asked twice
    if (controller.signal.aborted) process.exit(130)
    process.stderr.write(`\n${name}: ending with what there is; once more to end at once.\n`)
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, listener)
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, listener)
    },
  }
}
