import { isAbsolute, join, relative, resolve } from 'node:path'
import { printableLine } from '../foreign/printable.ts'
import { KIT } from '../kit.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import { resumeCommand, shellQuoted } from '../plan/options.ts'
import { conclusionText } from '../report/answer.ts'
import { INTERRUPTED } from './ending.ts'

type Outcome = Readonly<{
  interrupted: boolean
  /** Were the reports written? */
  isReported: boolean
  /** The variable ARMS, by which Compose started what is up. */
  standingArms?: string | undefined
}>

/** Did every trial end, so that the last line of the run is its answer? */
export const hasAnswer = (run: Run, { interrupted }: Pick<Outcome, 'interrupted'>): boolean =>
  !interrupted && run.trials.every(({ state }) => state === 'complete')

/** What was found, on one line. */
export const answerLine = (run: Studied<Run>): string => printableLine(conclusionText(run))

/** The page of a run, as it is typed where the command was. */
export const reportPath = (folder: string, testbed: Run['environment']['testbed']): string =>
  join(shownPath(folder, testbed), 'report.html')

/**
 * How the run ended and where the report is: `up` of Compose returns 0 whatever happened. The last line but the
 * answer's. What it says to type can be pasted into a shell as it stands.
 *
 * @param path of the run's folder
 */
export function outcomeLine(
  run: Studied<Run>,
  path: string,
  { interrupted, isReported, standingArms }: Outcome,
): string {
  const { testbed } = run.environment
  const folder = shownPath(path, testbed)
  const failed = run.trials.filter((trial) => trial.state !== 'complete')
  const open = isReported ? `; open ${reportPath(path, testbed)}` : ''
  const outcome = interrupted
    ? `INTERRUPTED: partial results in ${folder}. Continue with \`${resumeCommand(run, folder)}\`.`
    : failed.length > 0
      ? `FAILED: ${failed.map((trial) => `${trial.arm}: ${trial.problem}`).join('; ')} Results in ${folder}${open}.`
      : `DONE: results in ${folder}${open}.`
  const tearDown = testbed === 'compose' ? tearDownText(standingArms) : ''
  return printableLine(`${outcome}${tearDown}`)
}

/** How the containers go. Compose takes down what the same ARMS started. */
export function tearDownText(standingArms: string | undefined): string {
  const arms = standingArms ? `ARMS=${shellQuoted(standingArms)} ` : ''
  return ` Tear down with \`${arms}docker compose down -v\`.`
}

/**
 * A path as it is typed where the command was: within the container the kit is elsewhere, and a path from
 * its root is right on both sides.
 */
function shownPath(path: string, testbed: Run['environment']['testbed']): string {
  const whole = resolve(path)
  const inside = relative(testbed === 'compose' ? KIT : process.cwd(), whole)
  return inside.startsWith('..') || isAbsolute(inside) ? whole : inside || '.'
}

/** 0 done, 1 a trial failed, 3 `--check` and something fell short, 130 interrupted. */
export function exitCodeOf(
  run: Run,
  { interrupted, check }: Readonly<{ interrupted: boolean; check: boolean }>,
): number {
  if (interrupted) return INTERRUPTED
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
