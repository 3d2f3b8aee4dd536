import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { Crossing } from '../measurement/verdict.ts'
import { ceilingOf, ceilings, comparable } from './ceiling.ts'
import { crossingText, locate, type Response, responses } from './crossing/estimate.ts'
import { armCrossing } from './crossing/interval.ts'
import type { Random } from './statistics/moments.ts'
import { fitUsl, type Load } from './usl.ts'
import { limitedByRunner } from './validity.ts'

/** What one trial found, to be paired with the same trial of another arm. */
export interface TrialFigures {
  readonly users: number | null
  readonly ceilingPerS: number | null
}

/** What is known of one arm: its crossing, and what is needed to compare it with another arm. */
export interface ArmAnalysis {
  readonly crossing: Crossing
  readonly byTrial: ReadonlyMap<number, TrialFigures>
  readonly draws: readonly number[] | null
  /** Fewest and most users with a valid stage. */
  readonly measured: { readonly least: number; readonly most: number } | null
}

/** The crossing, the ceiling and the scalability of one arm over its trials. */
export function analyseArm(
  { configuration, trials }: Pick<Run, 'configuration' | 'trials'>,
  arm: string,
  random: Random,
): ArmAnalysis {
  const { thresholdMs, thresholdOn } = configuration
  const thinkMs = (configuration.thinkMs.min + configuration.thinkMs.max) / 2
  const own = trials.filter((trial) => trial.arm === arm)
  const stages = own.flatMap((trial) => trial.stages)
  const averaged = responses(stages, thresholdOn)
  const each = own.flatMap(({ index, stages: seen }) => {
    const points = responses(seen, thresholdOn)
    const located = locate(points, thresholdMs)
    return points.length === 0 ? [] : [{ index, points, located, ceiling: ceilingOf(seen) }]
  })
  const known = comparable(each.map(({ ceiling }) => ceiling).filter((ceiling) => ceiling !== null))
  const { draws, ...found } = armCrossing(each, averaged, { thresholdMs, thinkMs }, random)
  const [first, last] = [averaged[0], averaged.at(-1)]
  const measured = first && last ? { least: first.users, most: last.users } : null
  const answer = {
    arm,
    ...found,
    state: runnerLimit(stages, averaged) && found.state === 'not-reached' ? LIMITED : found.state,
    ...ceilings(known, random),
    usl: fitUsl(stages.filter(({ validity }) => validity.valid).map(load)),
  }
  return {
    crossing: { ...answer, text: crossingText(answer, configuration, measured) },
    byTrial: new Map(
      each.map(({ index, located, ceiling }) => [
        index,
        figures(located, ceiling && known.includes(ceiling) ? ceiling : null),
      ]),
    ),
    draws,
    measured,
  }
}

const LIMITED = 'limited-by-runner'

function figures(
  located: ReturnType<typeof locate>,
  ceiling: ReturnType<typeof ceilingOf>,
): TrialFigures {
  return {
    users: located.state === 'crossed' ? located.users : null,
    ceilingPerS: ceiling?.perS ?? null,
  }
}

/** Users in service, by Little's law, and what they were served per second. */
function load({ all }: Stage): Load {
  return { users: (all.throughputPerS * (all.meanMs ?? 0)) / 1000, perS: all.throughputPerS }
}

/** Did more users fail to be measured because the runner could not drive them? */
function runnerLimit(stages: readonly Stage[], valid: readonly Response[]): boolean {
  const most = valid.at(-1)?.users ?? 0
  return stages.some((stage) => stage.users > most && limitedByRunner(stage))
}
