import type { Run } from '../../measurement/run.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { analyseArm, type ArmAnalysis } from '../arm-analysis.ts'
import { geometricMean } from '../bootstrap.ts'
import { ceilingOf } from '../ceiling.ts'
import { seeded } from '../random.ts'
import type { Row } from './comparison.ts'
import { ofDraws, overTrials, withinTrial, type LogEstimate } from './log-estimate.ts'
import { trialsOf } from './side.ts'
import { welchRatio } from './welch.ts'

/** Crossing and ceiling of an arm; the sides' random numbers are of different streams. */
export function capacityRows(a: Run, b: Run, arm: string): Row[] {
  const [one, other] = [
    analyseArm(a, arm, seeded(2 * a.configuration.seed)),
    analyseArm(b, arm, seeded(2 * b.configuration.seed + 1)),
  ]
  const missing = unreached([one, other])
  const rows = [
    { what: 'crossing', unit: 'users', of: [crossing(one), crossing(other)] },
    { what: 'ceiling', unit: 'req/s', of: [ceiling(one, a), ceiling(other, b)] },
  ] as const
  return rows.map(({ what, unit, of: [x, y] }): Row => {
    const shown = { what, unit, a: x.value, b: y.value }
    if (missing !== null) return { ...shown, interval: null, missing }
    const { estimate: from } = x
    return { ...shown, interval: from && y.estimate && welchRatio(from, y.estimate) }
  })
}

interface Found {
  readonly value: number | null
  readonly estimate: LogEstimate | null
}

function crossing({ crossing: { users }, byTrial, draws }: ArmAnalysis): Found {
  const each = [...byTrial.values()].map((trial) => trial.users)
  const found = each.filter((value) => value !== null)
  if (users === null) return { value: null, estimate: null }
  // Where only some trials crossed, the mean over trials decided, and has no error.
  if (each.length > 1)
    return { value: users, estimate: found.length < each.length ? null : overTrials(found) }
  return { value: users, estimate: ofDraws(users, draws) }
}

function ceiling({ byTrial, crossing: { arm } }: ArmAnalysis, run: Run): Found {
  const values = [...byTrial.values()].flatMap(({ ceilingPerS }) => ceilingPerS ?? [])
  const [first] = values
  if (first === undefined) return { value: null, estimate: null }
  if (values.length > 1) return { value: geometricMean(values), estimate: overTrials(values) }
  const [only] = trialsOf(run, arm)
  const estimate = only ? (ceilingOf(only.stages)?.estimate ?? null) : null
  return { value: first, estimate: withinTrial(first, estimate) }
}

/** The most requests seen are a ceiling only of an arm that was pushed past its crossing. */
function unreached(sides: readonly ArmAnalysis[]): string | null {
  const told = sides.flatMap(({ crossing: { state } }, at) =>
    state === 'crossed' ? [] : [`${at === 0 ? 'A' : 'B'}: ${STATES[state]}`],
  )
  return told.length === 0 ? null : told.join('; ')
}

const STATES: Readonly<Record<Crossing['state'], string>> = {
  crossed: 'crossed',
  'not-reached': 'threshold not reached',
  'crossed-below': 'over it from the start',
  'limited-by-runner': 'limited by the runner',
  'no-valid-stage': 'no valid stage',
}
