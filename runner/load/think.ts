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
