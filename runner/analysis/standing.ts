import type { Run } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { Trial } from '../measurement/trial.ts'
import { type CheckId, checksThat } from './checks/checks.ts'
import { drift } from './drift.ts'
import { modeOf } from './levels.ts'
import { fails, judge } from './validity.ts'

/**
 * Which stages of a trial count. A trial whose figures are not the arm's has none: another service answered, it broke
 * its contract, or its audit lost orders. A trial that broke off otherwise has the stages after which the same process
 * was proved, or, where a service cannot be proved, the stages after which it still answered.
 */

type Fate = Readonly<{
  /** Stages from the first to before the last of these count. */
  from: number
  to: number
  /** Why the others do not. */
  why: string
}>

const OF_TRIAL: CheckId = 'trial'
const NONE = { from: 0, to: 0 }

function fateOf(trial: Trial): Fate | null {
  const { state, abortedBy, audit, contractFailures, identity } = trial
  if (abortedBy === 'audit' || audit?.passed === false)
    return { ...NONE, why: 'its trial failed the audit' }
  if (abortedBy === 'contract' || contractFailures.length > 0)
    return { ...NONE, why: 'its trial broke the contract' }
  if (state === 'complete') return null
  if (abortedBy === 'identity')
    return { ...NONE, why: 'in its trial another service or process answered' }
  if (state === 'aborted' && abortedBy === undefined)
    return { ...NONE, why: 'its trial was aborted, and nothing says what for' }
  const why = 'its trial broke off before the same process was proved again'
  return { from: identity?.lateStages ?? 0, to: identity?.heldStages ?? 0, why }
}

/**
 * The trial with each stage that does not count INVALID, and for that reason alone: every figure leaves INVALID stages
 * out, so this is the one place that knows of aborted trials.
 */
export function standing(trial: Trial): Trial {
  const fate = fateOf(trial)
  if (fate === null) return trial
  const reason = { check: OF_TRIAL, figure: 0, bound: 0, text: fate.why }
  const stages = trial.stages.map((stage, at): Stage => {
    if (at >= fate.from && at < fate.to) return stage
    return { ...stage, validity: { valid: false, reasons: [reason] } }
  })
  return { ...trial, stages }
}

/** A run with every stage judged by the bounds and the rules of today: a run of another day is held to them too. */
export function judgedAgain<Held extends Pick<Run, 'configuration' | 'trials'>>(run: Held): Held {
  const trials = run.trials.map((trial) => {
    const mode = modeOf(run, trial.arm)
    const stages = trial.stages.map((held) => {
      const stage = { ...held, drift: drift(held.seconds) }
      const judged = judge(stage, { mode })
      const lost = held.validity.reasons.filter(({ check }) => AS_MEASURED.has(check))
      const reasons = [...judged.reasons, ...lost]
      return { ...stage, validity: { valid: reasons.length === 0, reasons } }
    })
    return standing({ ...trial, stages })
  })
  return { ...run, trials }
}

/** Known only when it was to be read, and in no figure. */
const AS_MEASURED = checksThat((check) => check.judge === 'as-measured')

/** Has the trial a valid stage? A trial without one enters no figure. */
export const counts = ({ stages }: Pick<Trial, 'stages'>): boolean =>
  stages.some(({ validity }) => validity.valid)

/** Which trials were left out, wholly or in part, and why: a sentence each. @param trials of a judged run */
export function leftOut(trials: readonly Trial[]): string[] {
  return trials.flatMap((trial) => {
    const out = trial.stages.filter((stage) => fails(stage, OF_TRIAL)).length
    if (trial.state === 'complete' && out === 0) return []
    const { arm, index, stages, problem } = trial
    const kept = stages.length - out
    const proved =
      kept === 0
        ? ''
        : ` but for ${kept} of its stages, after which it was proved and which enter no crossing`
    const which = stages.length === 0 ? 'has no stage' : `is left out${proved}`
    const why = problem ?? fateOf(trial)?.why ?? 'it did not end.'
    return [`${arm}, trial ${index + 1}, ${which}: ${why}`]
  })
}
