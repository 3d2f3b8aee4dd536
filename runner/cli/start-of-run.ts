import type { Environment } from '../measurement/environment.ts'
import type { Run } from '../measurement/run.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { newRun } from './new-run.ts'
import type { PreparedRun } from './prepare.ts'

/** run.json as the first, or the next, trial finds it. */
export async function startOfRun(
  { configuration, resumed, of }: PreparedRun,
  testbed: Testbed,
  warnings: readonly string[],
): Promise<Run> {
  const now = await newRun(configuration, testbed)
  if (resumed === null) return { ...now, warnings: [...warnings] }
  const pause = `Resumed at ${now.startedAt} after ${resumed.trials.length} of ${of} trials.`
  const changed = differences(resumed.environment, now.environment)
  return {
    ...resumed,
    finishedAt: null,
    state: 'partial',
    warnings: [...resumed.warnings, ...warnings, pause, ...changed],
  }
}

/** What makes the trials before and after a pause less alike. */
function differences(before: Environment, now: Environment): string[] {
  const facts = (environment: Environment): Record<string, string> => ({
    'the commit': String(environment.git.commit),
    'the CPU': `${environment.host.cores} × ${environment.host.cpuModel}`,
    'the database': String(environment.database.version),
    'the engine': String(environment.engine),
  })
  const was = facts(before)
  return Object.entries(facts(now))
    .filter(([name, value]) => was[name] !== value)
    .map(([name, value]) => `When resumed, ${name} was another: ${value}, before ${was[name]}.`)
}
