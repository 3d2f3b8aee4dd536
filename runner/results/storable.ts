import { Value } from 'typebox/value'
import { Run } from '../measurement/run.ts'
import { Stage } from '../measurement/stage.ts'
import { Trial } from '../measurement/trial.ts'

/** A run as it can be written, and what of it could not be, with the first wrong field. */
export type Storable = Readonly<{ run: Run; lost: readonly string[] }>

/**
 * The run as its schema allows it. A figure that the schema refuses is a defect of the runner, and must not cost the
 * rest: its stage is INVALID and keeps its place, since its files are named by it; a wrong field of a trial is left
 * out. JSON has no NaN: such a figure becomes null.
 *
 * @throws naming a wrong field that is in no stage and cannot be left out
 */
export function storable(run: Run): Storable {
  if (Value.Check(Run, run)) return { run, lost: [] }
  const copy = JSON.parse(JSON.stringify(run)) as Run
  const lost: string[] = []
  copy.trials = copy.trials.map((trial) => {
    const where = `trial ${trial.order + 1}, ${trial.arm}`
    const lose = (what: string, { instancePath, message }: Wrong): void => {
      lost.push(`${what}: ${instancePath} ${message}`)
    }
    const stages = trial.stages.map((stage, at): Stage => {
      const [error] = Value.Errors(Stage, stage)
      if (error === undefined) return stage
      lose(`stage ${at + 1} (${stage.users} users) of ${where}`, error)
      const text = `the schema of a run refuses its ${error.instancePath}`
      const reason = { check: 'figures', figure: 0, bound: 0, text } as const
      const whole = Value.Repair(Stage, stage)
      return { ...whole, validity: { valid: false, reasons: [reason] } }
    })
    return withoutWrong({ ...trial, stages }, (error) => lose(where, error))
  })
  const [error] = Value.Errors(Run, copy)
  if (error === undefined) return { run: copy, lost }
  throw new Error(`run.json: ${error.instancePath} ${error.message}: a defect of the runner.`)
}

type Wrong = Readonly<{ instancePath: string; message: string }>

/** Without each field that is wrong and may be absent. */
function withoutWrong(trial: Trial, lose: (error: Wrong) => void): Trial {
  const required: readonly string[] = Trial.required
  const wrong = new Map<string, Wrong>()
  for (const error of Value.Errors(Trial, trial)) {
    const [, name = ''] = error.instancePath.split('/')
    if (!required.includes(name) && !wrong.has(name)) wrong.set(name, error)
  }
  for (const error of wrong.values()) lose(error)
  const kept = Object.entries(trial).filter(([name]) => !wrong.has(name))
  return Object.fromEntries(kept) as Trial
}
