import type { Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import { halfWidth } from '../batch-means.ts'
import { geometricMean } from '../bootstrap.ts'
import { levels, meanAt } from '../levels.ts'
import { mean, variance } from '../moments.ts'
import type { Random } from '../random.ts'
import { pairedRatio, type Bounds } from '../ratio.ts'

/**
 * Database CPU for each request of one arm over that of another, at the steps of the ramp that are valid
 * in both: equal users, so nearly equal load. With several trials a bootstrap over them; with one the
 * interval is Student's t on the logarithms over the steps, of which the article's ramp has four.
 *
 * @returns null where the database's CPU was not seen in both
 */
export function databaseWork(
  run: Pick<Run, 'trials'>,
  [over, under]: readonly [string, string],
  random: Random,
): Bounds | null {
  const indexes = [...new Set(run.trials.map(({ index }) => index))]
  const byTrial = indexes.map((index) => {
    const trials = run.trials.filter((trial) => trial.index === index)
    return stepRatios({ trials }, over, under)
  })
  const found = byTrial.filter((ratios) => ratios.length > 0)
  const between = pairedRatio(
    found.map((ratios) => [geometricMean(ratios), 1]),
    random,
  )
  if (between) return between
  const ratios = found[0]
  if (!ratios) return null
  const value = geometricMean(ratios)
  if (ratios.length < 3) return { value, low: value, high: value, kind: 'bracket' }
  const logs = ratios.map(Math.log)
  const error = Math.sqrt(variance(logs) / logs.length)
  const half = halfWidth({ mean: mean(logs), error, freedom: logs.length - 1 })
  return { value, low: value * Math.exp(-half), high: value * Math.exp(half), kind: 'within-run' }
}

function stepRatios(run: Pick<Run, 'trials'>, over: string, under: string): number[] {
  const ramp = (arm: string) => levels(run, arm).filter((level) => level.ramp)
  return ramp(over).flatMap((level) => {
    const other = ramp(under).find(({ users }) => users === level.users)
    const [a, b] = [meanAt(level, work), other ? meanAt(other, work) : null]
    return a !== null && b !== null && b > 0 ? [a / b] : []
  })
}

const work = ({ cpu }: Stage) => cpu.db?.usPerRequest
