import {
  areElsewhere,
  coresThere,
  hostRemarks,
  mayCompete,
  mostInUse,
} from '../analysis/host-state.ts'
import { comparesConnections } from '../analysis/claims/arms.ts'
import { knowsWaits } from '../analysis/crossing/estimate.ts'
import { modeOf } from '../analysis/levels.ts'
import { unchecked } from '../analysis/validity.ts'
import { endpointsOf, type Run } from '../measurement/run.ts'
import type { Studied, Study } from '../measurement/study.ts'
import { hostsText, usersOfStudy } from '../plan/hosts.ts'

/** Where the figures come from, on which hosts, and whether the parts had to compete: on every table. */
export function testbedLine(
  run: Studied<Pick<Run, 'environment' | 'configuration' | 'trials'>>,
): string {
  const { label, testbed } = run.environment
  return [
    label.startsWith(testbed) ? label : `${testbed}: ${label}`,
    ...limitsText(run),
    ...rampText(run),
    ...useText(run),
  ].join('; ')
}

/** How many users here load the arm as one of the study's, or of the profile's ramp, loads its own. */
function rampText({ configuration: { rampFactor }, study }: Parameters<typeof testbedLine>[0]) {
  if (rampFactor === undefined) return []
  if (!study) return [`the ramp is the profile’s times ${rampFactor}`]
  return [`one of ${study.name}’s users is ${usersOfStudy(rampFactor, study)} here`]
}

/** What the parts are allowed to use. */
function limitsText({
  environment,
  configuration: { hosts },
  trials,
  study,
}: Parameters<typeof testbedLine>[0]): string[] {
  if (hosts) return [hostsText(hosts, trials, study)]
  if (areElsewhere(environment)) return []
  const { host, limitCores } = environment
  const machine = `a ${host.cores}-core host`
  if (limitCores === null) return [`no CPU limits on ${machine}`]
  return [`limits add up to ${Number(limitCores.toFixed(2))} cores on ${machine}`]
}

/** What they did use: limits alone do not say whether anything had to wait. */
function useText(run: Parameters<typeof testbedLine>[0]): string[] {
  const { environment, trials } = run
  if (areElsewhere(environment)) return []
  const use = mostInUse(trials, environment)
  if (use === null) return mayCompete(run) ? ['the parts may compete'] : []
  const { coresInUse, competing } = use
  const cores = `at most ${coresInUse.toFixed(1)} of ${Number(coresThere(environment).toFixed(2))} cores in use`
  return [competing ? `${cores}: the parts compete` : cores]
}

/** How the figures came about, in sentences a reviewer can check against the code. */
export function method(
  run: Studied<Pick<Run, 'configuration' | 'trials' | 'startedAt'>>,
): string[] {
  const { configuration, trials: measured, study } = run
  const { thinkMs, warmUpS, holdS, trials, seed, search, thresholdMs, thresholdOn } = configuration
  const think = thinkMs.min === thinkMs.max ? `${thinkMs.min}` : `${thinkMs.min} to ${thinkMs.max}`
  const spread = configuration.thinkSpread
  const own = spread === undefined ? '' : `, each its own within ${spread * 100} % of that`
  const { maxUsers, scenario } = configuration
  const steps = endpointsOf({ configuration, trials: measured }).join(', ').replaceAll('-', ' ')
  const atMost = maxUsers === undefined ? '' : `, with ${maxUsers} users at most`
  return [
    `A closed loop: each virtual user goes through ${steps || 'its journey'}, and pauses ${think} ms ` +
      `between two requests${own}. It is not an open arrival process, and nothing is corrected for ` +
      `coordinated omission.`,
    ...(configuration.signIn
      ? [
          `Each new user signs in first, when its stage begins; the warm-up waits for that, and it is in no figure.`,
        ]
      : []),
    ...(configuration.loaders === undefined
      ? []
      : [
          `The users are shared among ${configuration.loaders} processes, whose histograms are added ` +
            `bin by bin; each event loop is judged for itself.`,
        ]),
    ...(configuration.answers === 'whole'
      ? [
          `Every answer under load is read whole, and a good one is as the contract has it: JSON in UTF-8, ` +
            `declared so, with every member of its kind, of what was asked for; an order costs what its pieces ` +
            `do, and is the same when read back. Any other is a failed request.`,
        ]
      : []),
    ...(configuration.answers === undefined && scenario !== undefined
      ? [
          `An answer under load is good if it is as the scenario ${scenario.name} expects it. Any other is a ` +
            `failed request.`,
        ]
      : []),
    `Each stage holds one number of users: ${warmUpS} s of warm-up, discarded, then a window of ` +
      `${holdS} s. Latency runs from the first byte sent to the last byte received.`,
    knowsWaits(measured) === false
      ? `What crosses is of good answers alone, but that the mean has requests that timed out at the time-out.`
      : `What crosses is what users waited: a request that failed or timed out counts at the time until then, the ` +
        `least that an answer would have taken; refusals that are faster than the answers count in neither. ` +
        `Percentiles but the p95, and all figures of an endpoint, are of good answers alone.`,
    `Each arm alone, on a database created for the trial; ${trials} trial${trials === 1 ? '' : 's'} ` +
      `an arm, in an order drawn from seed ${seed}.`,
    search
      ? `After the ramp a search holds more numbers of users, near to where the response time is ` +
        `predicted to reach ${thresholdMs} ms (${thresholdOn}), and a third past it${atMost}.`
      : `No search: the crossing of ${thresholdMs} ms (${thresholdOn}) is estimated from the ramp.`,
    thresholdOn === 'mean'
      ? `The crossing of each trial is that of a curve fitted to all of its valid stages by the ` +
        `interactive response time law, N = X (R + Z); its shape is common to the trials of an arm.`
      : `The crossing of each trial is interpolated in its bracket, which must be narrow.`,
    `Intervals are at 95 %: Student’s t over the trials, on the logarithm, from three trials on. ` +
      `Ratios are unpaired, each arm with its own spread (Welch). With fewer ` +
      `trials a figure is provisional: it has no interval, and no verdict rests on it.`,
    ...(study && (comparesConnections(run) || configuration.arms.some(({ factor }) => factor))
      ? [
          `The claims, their bands and estimators were registered on ${registeredText(study, run.startedAt)}; “not reproduced” is ` +
            `corrected for the number of claims (Holm).`,
        ]
      : []),
  ]
}

function registeredText(
  { registration: { registeredOn, amended } }: Study,
  startedAt: string,
): string {
  const late = startedAt < registeredOn ? ', after this run was measured' : ''
  return `${registeredOn}${late}${amended === undefined ? '' : ` (${amended})`}`
}

/** What was not checked, what the machine did, and the run's own warnings: each once, however many stages it holds for. */
export function remarks(run: Run): string[] {
  const missing = run.trials.flatMap(({ arm, stages, limits }) =>
    stages.flatMap((stage) =>
      unchecked(stage, { mode: modeOf(run, arm), ...(limits && { limits }) }).map(
        (what) => `${arm}: not checked: ${what}`,
      ),
    ),
  )
  return [...new Set([...missing, ...hostRemarks(run.trials), ...run.warnings])]
}
