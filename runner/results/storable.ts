import { Value } from 'typebox/value'
import { Run } from '../measurement/run.ts'
import { Stage } from '../measurement/stage.ts'

/** A run as it can be written, and each stage that could not be, with its first wrong field. */
export type Storable = Readonly<{ run: Run; lost: readonly string[] }>

/**
 * The run as its schema allows it. A stage that the schema refuses is a defect of the runner, and must not cost the
 * others: it is left out. JSON has no number that is none: such a figure becomes null.
 *
 * @throws naming the field, where what is wrong is in no stage
 */
export function storable(run: Run): Storable {
  if (Value.Check(Run, run)) return { run, lost: [] }
  const copy = JSON.parse(JSON.stringify(run)) as Run
  const lost: string[] = []
  for (const trial of copy.trials)
    trial.stages = trial.stages.filter((stage, at) => {
      const [error] = Value.Errors(Stage, stage)
      if (error === undefined) return true
      const where = `stage ${at + 1} (${stage.users} users) of trial ${trial.order + 1}, ${trial.arm}`
      lost.push(`${where}: ${error.instancePath} ${error.message}`)
      return false
    })
  const [error] = Value.Errors(Run, copy)
  if (error === undefined) return { run: copy, lost }
  throw new Error(`run.json: ${error.instancePath} ${error.message}: a defect of the runner.`)
}
