import type { Configuration, Run } from '../measurement/run.ts'
import { createRandom } from '../load/random.ts'
import { planRun } from '../plan/plan.ts'
import type { PlannedTrial } from '../plan/schedule.ts'
import { makeFolder } from '../results/folder.ts'
import { readRun } from '../results/read.ts'
import { KIT } from '../testbed/service-sql.ts'
import { configurationOf } from './configuration.ts'
import type { RunOptions } from './run-options.ts'
import type { TestbedChoice } from './testbeds.ts'
import { UsageError } from './usage.ts'

/** A run about to begin, or to go on: where it is written, and what is still to be measured. */
export type PreparedRun = Readonly<{
  folder: string
  configuration: Configuration
  /** The run that is gone on with, with its complete trials alone; null for a new one. */
  resumed: Run | null
  trials: readonly PlannedTrial[]
  /** Trials of the whole run. */
  of: number
  estimatedMs: number
}>

/** @throws before anything is started, when the run cannot be done as asked */
export async function prepareRun(options: RunOptions, choice: TestbedChoice): Promise<PreparedRun> {
  if (options.resume !== null) return await prepareResumed(options.resume, choice)
  const configuration = configurationOf(options, choice.arms)
  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
  const folder = await makeFolder(options.out, KIT, new Date().toISOString(), options.profile)
  return { folder, configuration, resumed: null, trials, of: trials.length, estimatedMs }
}

/**
 * Goes on with the first trial that is not complete: a trial that was cut is taken anew, since its
 * database is gone. The plan is that of the run, which its seed gives again.
 */
async function prepareResumed(folder: string, choice: TestbedChoice): Promise<PreparedRun> {
  const run = await readRun(folder)
  const { configuration, environment } = run
  const missing = configuration.arms.filter(
    ({ name }) => !choice.arms.some((arm) => arm.name === name),
  )
  const faults = [
    ...(environment.testbed === choice.kind
      ? []
      : [`that run is of the testbed ${environment.testbed}, this is ${choice.kind}`]),
    ...missing.map(({ name }) => `there is no arm ${name} here`),
  ]
  if (faults.length > 0)
    throw new UsageError(faults.map((fault) => `--resume ${folder}: ${fault}.`))

  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
  const kept = run.trials.filter((trial) => trial.state === 'complete')
  const left = trials.filter(({ order }) => !kept.some((trial) => trial.order === order))
  return {
    folder,
    configuration,
    resumed: { ...run, trials: kept },
    trials: left,
    of: trials.length,
    estimatedMs: (estimatedMs * left.length) / trials.length,
  }
}
