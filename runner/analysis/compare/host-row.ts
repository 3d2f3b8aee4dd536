import type { Trial } from '../../measurement/trial.ts'
import { geometricMean } from '../bootstrap.ts'
import { yardstickOf } from '../host-state.ts'
import type { Row } from './comparison.ts'
import { overTrials } from './log-estimate.ts'
import { welchRatio } from './welch.ts'

type Sides = readonly [a: readonly Trial[], b: readonly Trial[]]

/**
 * What the host itself did: the same fixed work beside either side's trials. A ratio of CPU near this
 * one is the machine's and not the arm's. None where a side has no yardstick.
 */
export function hostRow(sides: Sides): Row[] {
  const [ofA, ofB] = sides.map((trials) =>
    trials.map(yardstickOf).filter((value) => value !== null),
  )
  if (!ofA || !ofB || ofA.length === 0 || ofB.length === 0) return []
  const [a, b] = [overTrials(ofA), overTrials(ofB)]
  const row = { what: 'host, fixed work', unit: 'ms' as const }
  const means = { a: geometricMean(ofA), b: geometricMean(ofB) }
  return [{ ...row, ...means, interval: a && b && welchRatio(a, b) }]
}
