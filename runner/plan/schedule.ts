/** One arm taken through the ramp once: which, its how-manieth, and when in the run. */
export type PlannedTrial = Readonly<{ arm: string; index: number; order: number }>

/**
 * The order of all trials: arms alternate in time, in an order drawn from the seed, and every second
 * round runs in reverse (ABC CBA), so that a machine that slowly warms up or slows down favours none.
 * Counterbalancing as in Montgomery, Design and Analysis of Experiments, chapter 4 (blocking).
 *
 * @param random uniform in [0, 1)
 */
export function schedule(
  arms: readonly string[],
  trials: number,
  random: () => number,
): PlannedTrial[] {
  const planned: PlannedTrial[] = []
  let round: readonly string[] = []
  for (let index = 0; index < trials; index += 1) {
    round = index % 2 === 0 ? shuffle(arms, random) : round.toReversed()
    for (const arm of round) planned.push({ arm, index, order: planned.length })
  }
  return planned
}

/** Fisher and Yates, as in Knuth, The Art of Computer Programming 3.4.2, algorithm P. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items]
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const pick = Math.floor(random() * (last + 1))
    const [a, b] = [shuffled[last] as T, shuffled[pick] as T]
    shuffled[last] = b
    shuffled[pick] = a
  }
  return shuffled
}
