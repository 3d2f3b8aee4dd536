import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import { responseMs } from './crossing/estimate.ts'
import { armNames } from './levels.ts'
import { mean } from './statistics/moments.ts'

type Figure = (stage: Stage) => number | null | undefined

/** What an arm costs at the throughput that arms are compared at, or why that is not known. */
export type CostAt = Readonly<{
  arm: string
  /** Requests per second that it was held at, below saturation; null where it never was. */
  held: Readonly<{ least: number; most: number }> | null
  /** Was it held below and above that throughput, so that its cost can be read between? */
  known: boolean
  /** Mean over the trials, each interpolated between its stages; null where the figure is unknown. */
  at(figure: Figure): number | null
}>

/**
 * What a request costs where each arm serves as many of them a second: equal users are not equal load, for a
 * saturated arm serves a fraction of what the same users get from another. The throughput is the largest that
 * most arms were held at below saturation, which is a mean response time below the threshold.
 */
export function equalThroughput(run: Pick<Run, 'configuration' | 'trials'>): {
  /** Requests per second; null where no arm was held below saturation. */
  readonly perS: number | null
  readonly arms: readonly CostAt[]
} {
  const arms = armNames(run).map((arm) => ({ arm, trials: unsaturated(run, arm) }))
  const ranges = arms.map(({ trials }) => rangeOf(trials.flat()))
  const covered = (perS: number) =>
    ranges.filter((range) => range && range.least <= perS && perS <= range.most).length
  const [perS = null] = ranges
    .flatMap((range) => (range ? [range.most] : []))
    .toSorted((a, b) => covered(b) - covered(a) || b - a)
  return {
    perS,
    arms: arms.map(({ arm, trials }, at): CostAt => {
      const held = ranges[at] ?? null
      const known = perS !== null && held !== null && held.least <= perS && perS <= held.most
      return {
        arm,
        held,
        known,
        at(figure) {
          if (perS === null || !known) return null
          const each = trials.map((stages) => between(stages, perS, figure))
          const seen = each.filter((value) => value !== null)
          // Where no trial reaches as far as all of them together, all of them together do.
          return seen.length > 0 ? mean(seen) : between(trials.flat(), perS, figure)
        },
      }
    }),
  }
}

/** The stages of each trial in which the arm was not saturated, by their throughput. */
function unsaturated(
  { configuration: { thresholdMs }, trials }: Pick<Run, 'configuration' | 'trials'>,
  arm: string,
): Stage[][] {
  return trials
    .filter((trial) => trial.arm === arm)
    .map(({ stages }) =>
      stages.filter(
        (stage) =>
          stage.kind !== 'control' &&
          stage.validity.valid &&
          (responseMs(stage, 'mean') ?? Infinity) < thresholdMs,
      ),
    )
}

function rangeOf(stages: readonly Stage[]): CostAt['held'] {
  if (stages.length === 0) return null
  const served = stages.map(({ all }) => all.throughputPerS)
  return { least: Math.min(...served), most: Math.max(...served) }
}

/** A figure at a throughput, on the line between the two stages beside it; null beyond the stages. */
function between(stages: readonly Stage[], perS: number, figure: Figure): number | null {
  const points = stages
    .flatMap((stage) => {
      const y = figure(stage)
      return typeof y === 'number' ? [{ x: stage.all.throughputPerS, y }] : []
    })
    .toSorted((a, b) => a.x - b.x)
  const above = points.find(({ x }) => x >= perS)
  const below = points.findLast(({ x }) => x <= perS)
  if (!above || !below) return null
  if (above.x === below.x) return mean([above.y, below.y])
  return below.y + ((perS - below.x) / (above.x - below.x)) * (above.y - below.y)
}
