import type { Random } from '../scenario/journey.ts'

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

/** The share of a constant think time by which a user's own may differ from it. */
export const THINK_SPREAD = 0.01
/** Its multiples, taken modulo 1, fill the interval evenly however many there are (H. Weyl, 1916). */
const GOLDEN = (Math.sqrt(5) - 1) / 2

type Range = Readonly<{ min: number; max: number }>

/**
 * The think time of the `index`-th user: a constant one of its own, within 1 % of what was asked for.
 *
 * With one constant for all, users whose answers came together, because the arm or this client was
 * busy for a moment, would send their next requests together too, and for ever: at 2,000 users bunches
 * of a hundred were seen where independent users make eight. Each arm would then be measured under
 * bursts of the instrument's making. A think time that is drawn for every pause needs none of this.
 *
 * @param asked ms, uniform between the two; whole ms, as timers have them
 */
export function thinkTimeOf(index: number, asked: Range): Range {
  if (asked.min !== asked.max) return asked
  const position = 2 * ((index * GOLDEN) % 1) - 1
  const own = Math.round(asked.min * (1 + THINK_SPREAD * position))
  return { min: own, max: own }
}
