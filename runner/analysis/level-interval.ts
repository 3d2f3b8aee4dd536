import type { Stage } from '../measurement/stage.ts'
import { halfWidth, type Estimate } from './batch-means.ts'
import type { Level } from './levels.ts'
import { mean, variance } from './moments.ts'

export interface Measured {
  readonly mean: number
  /** 95 % interval: over the trials' stages, or of the only stage's batch means; null if unknown. */
  readonly interval: { readonly low: number; readonly high: number } | null
}

/**
 * A figure of a level with its 95 % interval by Student's t.
 *
 * @param within the figure's error within one stage, if its seconds tell it
 */
export function measuredAt(
  level: Level,
  figure: (stage: Stage) => number | null | undefined,
  within?: (seconds: Stage['seconds']) => Estimate | null,
): Measured | null {
  const values = level.valid.map(figure).filter((value) => typeof value === 'number')
  const [only] = level.valid
  if (values.length === 0 || !only) return null
  const centre = mean(values)
  const estimate =
    values.length > 1
      ? {
          mean: centre,
          error: Math.sqrt(variance(values) / values.length),
          freedom: values.length - 1,
        }
      : (within?.(only.seconds) ?? null)
  if (!estimate) return { mean: centre, interval: null }
  const half = halfWidth(estimate)
  return { mean: centre, interval: { low: centre - half, high: centre + half } }
}
