import type { Random } from '../load/random.ts'

/** Delays of the server, in ms, by the first part of the path. */
export const DELAYS: Readonly<Record<string, (random: Random) => number>> = {
  '0ms': () => 0,
  '1ms': () => 1,
  '10ms': () => 10,
  '100ms': () => 100,
  /** Two humps: four of five requests at 5 ms, the fifth at 50. */
  mix: (random) => (random() < 0.8 ? 5 : 50),
}
