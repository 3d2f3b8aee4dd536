import type { Environment } from '../measurement/environment.ts'
import type { Run } from '../measurement/run.ts'
import { createRandom } from '../load/random.ts'
import { planRun } from '../plan/plan.ts'
import type { PlannedTrial } from '../plan/schedule.ts'
import { makeFolder } from '../results/folder.ts'
import { readRun } from '../results/read.ts'
import { KIT } from '../testbed/service-sql.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { configurationOf } from './configuration.ts'
import { newRun } from './new-run.ts'
import type { RunOptions } from './run-options.ts'
import { UsageError } from './usage.ts'

/** A run about to begin, or to go on: what is on the disk, and what is still to be measured. */
export type PreparedRun = Readonly<{
  folder: string
  start: Run
  trials: readonly PlannedTrial[]
  of: number
  estimatedMs: number
}>

export async function prepareRun(
  options: RunOptions,
  testbed: Testbed,
  warnings: readonly string[],
): Promise<PreparedRun> {
  if (options.resume !== null) return await prepareResumed(options.resume, testbed, warnings)
  const configuration = configurationOf(options, testbed.arms)
  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
  const start = { ...(await newRun(configuration, testbed)), warnings: [...warnings] }
  const folder = await makeFolder(options.out, KIT, start.startedAt, options.profile)
  return { folder, start, trials, of: trials.length, estimatedMs }
}

/**
 * Goes on with the first trial that is not complete: a trial that was cut is taken anew, since its
 * database is gone. The plan is that of the run, which its seed gives again.
 */
async function prepareResumed(
  folder: string,
  testbed: Testbed,
  warnings: readonly string[],
): Promise<PreparedRun> {
  const run = await readRun(folder)
  if (run.environment.testbed !== testbed.kind) {
    throw new UsageError([
      `--resume ${folder}: that run is of the testbed ${run.environment.testbed}, this is ${testbed.kind}.`,
    ])
  }
  const { configuration } = run
  const missing = configuration.arms.filter(
    ({ name }) => !testbed.arms.some((arm) => arm.name === name),
  )
  if (missing.length > 0) {
    const names = missing.map((arm) => arm.name).join(', ')
    throw new UsageError([`--resume ${folder}: there is no ${names} here.`])
  }
  const { trials, estimatedMs } = planRun(configuration, createRandom(configuration.seed))
  const kept = run.trials.filter((trial) => trial.state === 'complete')
  const left = trials.filter(({ order }) => !kept.some((trial) => trial.order === order))
  const now = await newRun(configuration, testbed)
  const resumed = `Resumed at ${now.startedAt} after ${kept.length} of ${trials.length} trials.`
  const changed = differences(run.environment, now.environment)
  const start: Run = {
    ...run,
    finishedAt: null,
    state: 'partial',
    trials: kept,
    warnings: [...run.warnings, ...warnings, resumed, ...changed],
  }
  const share = left.length / trials.length
  return { folder, start, trials: left, of: trials.length, estimatedMs: estimatedMs * share }
}

/** What makes the trials before and after a pause less alike. */
function differences(before: Environment, now: Environment): string[] {
  const facts = (environment: Environment): Record<string, unknown> => ({
    'the commit': environment.git.commit,
    'the CPU': `${environment.host.cores} × ${environment.host.cpuModel}`,
    'the database': environment.database.version,
    'the engine': environment.engine,
  })
  const [was, is] = [facts(before), facts(now)]
  return Object.keys(was)
    .filter((name) => was[name] !== is[name])
    .map(
      (name) =>
        `When it was resumed, ${name} was another: ${String(is[name])}, before ${String(was[name])}.`,
    )
}
