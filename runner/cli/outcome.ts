import { relative } from 'node:path'
import type { Run } from '../measurement/run.ts'
import { KIT } from '../testbed/service-sql.ts'

/** 0 done, 1 a trial failed, 3 `--check` and something fell short, 130 interrupted. */
export function exitCodeOf(
  run: Run,
  { interrupted, check }: Readonly<{ interrupted: boolean; check: boolean }>,
): number {
  if (interrupted) return 130
  if (run.trials.some((trial) => trial.state !== 'complete')) return 1
  return check && shortfalls(run).length > 0 ? 3 : 0
}

/** What `--check` does not let pass: invalid ramp stages, failed requests, claims that did not hold. */
function shortfalls(run: Run): string[] {
  const stages = run.trials.flatMap((trial) =>
    trial.stages
      .filter((stage) => stage.kind === 'ramp' && !stage.validity.valid)
      .map((stage) => `${trial.arm} at ${stage.users} users is invalid`),
  )
  const claims = run.claims
    .filter((claim) => claim.verdict === 'not reproduced')
    .map((claim) => `${claim.id} is not reproduced`)
  return [...stages, ...claims]
}

/** The last line: `up` of Compose shows nothing after it, and returns 0 whatever happened. */
export function outcomeLine(
  run: Run,
  path: string,
  {
    interrupted,
    standingArms,
  }: Readonly<{ interrupted: boolean; standingArms?: string | undefined }>,
): string {
  // Within the container the kit is elsewhere: a path from its root is right on both sides.
  const inside = relative(KIT, path)
  const folder = inside.startsWith('..') ? path : inside
  const failed = run.trials.filter((trial) => trial.state !== 'complete')
  const outcome = interrupted
    ? `INTERRUPTED: partial results in ${folder}; go on with --resume ${folder}.`
    : failed.length > 0
      ? `FAILED: ${failed.map((trial) => `${trial.arm}: ${trial.problem}`).join('; ')} Results in ${folder}.`
      : `DONE: results in ${folder}.`
  // Compose takes down what the same variable started.
  const arms = standingArms ? `ARMS=${standingArms} ` : ''
  const tearDown =
    run.environment.testbed === 'compose'
      ? ` Tear down with \`${arms}docker compose down -v\`.`
      : ''
  return outcome + tearDown
}
