/** One observation in a two-way layout: a figure of one trial, on the scale that is analysed. */
export interface Observation {
  readonly framework: string
  readonly mode: string
  readonly y: number
}

export const FACTORS = ['mode', 'framework'] as const
export type Factor = (typeof FACTORS)[number]

/**
 * What of the observations forms a grid: a level that meets only one level of the other factor says
 * nothing of either, and is left out, until none is left. Cells may be missing.
 *
 * @returns null if less than 2 × 2 is left
 */
export function gridOf(observations: readonly Observation[]): readonly Observation[] | null {
  const kept = observations.filter((one) =>
    FACTORS.every((factor) => partners(observations, factor, one[factor]) > 1),
  )
  if (kept.length === 0) return null
  return kept.length === observations.length ? kept : gridOf(kept)
}

/** Levels of a factor, in the order in which they come. */
export function levelsOf(observations: readonly Observation[], factor: Factor): string[] {
  return [...new Set(observations.map((one) => one[factor]))]
}

/** Observations by cell. */
export function cellsOf(observations: readonly Observation[]): Observation[][] {
  return [...Map.groupBy(observations, ({ framework, mode }) => `${framework}\n${mode}`).values()]
}

/** How many levels of the other factor a level was seen with. */
function partners(observations: readonly Observation[], factor: Factor, level: string): number {
  const other = factor === 'mode' ? 'framework' : 'mode'
  return levelsOf(
    observations.filter((one) => one[factor] === level),
    other,
  ).length
}
