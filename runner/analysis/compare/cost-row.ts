import type { Trial } from '../../measurement/trial.ts'
import { geometricMean } from '../bootstrap.ts'
import type { Row } from './comparison.ts'
import { costOver, sharedSteps } from './cost.ts'
import { overTrials, type LogEstimate } from './log-estimate.ts'
import { welchRatio } from './welch.ts'

type Sides = readonly [a: readonly Trial[], b: readonly Trial[]]

const NONE: LogEstimate = { mean: 0, error: 0, freedom: Infinity, kind: 'within-run' }

/**
 * CPU for each request at equal load. With several trials on both sides they are the error. Else the
 * ratios at the single steps of the ramp are, of which three are needed: a within-run interval.
 */
export function costRow(part: 'app' | 'db', [a, b]: Sides): Row {
  const what = part === 'app' ? 'app CPU' : 'database CPU'
  const row = { what, unit: 'µs/req', a: null, b: null, interval: null } as const
  const users = sharedSteps([...a, ...b], part)
  const missing = 'no step of the ramp is valid in all trials of both'
  if (users.length === 0) return { ...row, missing }
  const over = (trials: readonly Trial[], at: readonly number[]) =>
    trials.map((trial) => costOver(trial, part, at)).filter((value) => value !== null)
  const [ofA, ofB] = [over(a, users), over(b, users)]
  const means = { a: geometricMean(ofA), b: geometricMean(ofB) }
  const [trialsA, trialsB] = [overTrials(ofA), overTrials(ofB)]
  if (trialsA && trialsB) return { ...row, ...means, interval: welchRatio(trialsA, trialsB) }
  const ratios = users.map((at) => geometricMean(over(b, [at])) / geometricMean(over(a, [at])))
  const found = ratios.length < 3 ? null : overTrials(ratios)
  return { ...row, ...means, interval: found && welchRatio(NONE, { ...found, kind: 'within-run' }) }
}
