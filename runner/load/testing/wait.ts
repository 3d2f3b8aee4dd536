import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for `condition`, 10 s at most. `what` is named when it does not come. */
export async function waitFor(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited 10 s for ${what}`)
    // oxlint-disable-next-line no-await-in-loop
    await sleep(5)
  }
}
