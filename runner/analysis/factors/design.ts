import { levelsOf, type Factor, type Observation } from './grid.ts'

/**
 * Columns of a factor whose effects sum to 0: all levels but the last have one, the last is -1 in each.
 * They are also the weights with which the coefficients add up to the effect of a level.
 */
function columns(levels: readonly string[], level: string): number[] {
  const at = levels.indexOf(level)
  const last = at === levels.length - 1
  return levels.slice(0, -1).map((_, column) => (last ? -1 : Number(column === at)))
}

/** The additive model of these factors: the mean, then each factor's columns. */
export function designOf(
  observations: readonly Observation[],
  factors: readonly Factor[],
): number[][] {
  const levels = factors.map((factor) => levelsOf(observations, factor))
  return observations.map((one) => [
    1,
    ...factors.flatMap((factor, at) => columns(levels[at] ?? [], one[factor])),
  ])
}

/** What adds up, of the coefficients of `designOf`, to the effect of a level: without the mean. */
export function contrast(
  observations: readonly Observation[],
  factors: readonly Factor[],
  [factor, level]: readonly [Factor, string],
): number[] {
  return [
    0,
    ...factors.flatMap((own) => {
      const levels = levelsOf(observations, own)
      return own === factor ? columns(levels, level) : levels.slice(1).map(() => 0)
    }),
  ]
}
