/** Uniform in [0, 1). */
export type Random = () => number

/**
 * mulberry32 (Tommy Ettinger, public domain): 32 bits of state, one multiplication chain a draw.
 * Enough for choosing products and offsets; never for anything secret.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * A stream of its own for each (`seed`, `stream`), so that what one user draws never shifts what
 * another draws. The pair is mixed by the 32-bit finalizer of MurmurHash3 (Austin Appleby, public
 * domain), or neighbouring streams would be the same sequence a few draws apart.
 */
export function createStream(seed: number, stream: number): Random {
  return createRandom(finalize(finalize(seed) ^ Math.imul(stream + 1, 0x9e3779b1)))
}

/** Integer, uniform in [0, `below`). */
export const drawInteger = (random: Random, below: number): number => Math.floor(random() * below)

/** Uniform in [`range.min`, `range.max`]; a constant range costs no draw. */
export function drawBetween(random: Random, range: Readonly<{ min: number; max: number }>): number {
  if (range.min === range.max) return range.min
  return range.min + random() * (range.max - range.min)
}

function finalize(value: number): number {
  let hash = value >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
