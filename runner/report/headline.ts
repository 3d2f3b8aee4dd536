import { hostRemarks } from '../analysis/host-state.ts'
import { modeOf } from '../analysis/levels.ts'
import { unchecked } from '../analysis/validity.ts'
import type { Environment } from '../measurement/environment.ts'
import type { Configuration, Run } from '../measurement/run.ts'
import { amount, times } from './sheet.ts'

type Judged = Pick<Run, 'crossings' | 'claims' | 'configuration' | 'state'>

/** The run's answer in one or two sentences, said from the crossings and the verdicts alone. */
export function headline(run: Judged): string {
  const said = [comparison(run), tally(run)].filter((sentence) => sentence !== '')
  if (said.length === 0) said.push('Nothing was judged.')
  if (run.state === 'partial') said.push('The run is partial: it ended before its plan did.')
  return said.join(' ')
}

/** The arm that serves the most users against the one that serves the fewest. */
export function comparison({ crossings, configuration }: Judged): string {
  const { thresholdMs, thresholdOn } = configuration
  const found = crossings.flatMap(({ arm, users }) => (users === null ? [] : [{ arm, users }]))
  const [most, ...others] = found.toSorted((a, b) => b.users - a.users)
  const least = others.at(-1)
  if (crossings.length > 1 && crossings.every(({ state }) => state === 'not-reached')) {
    return `No arm’s ${thresholdOn} response time reaches ${thresholdMs} ms with the users that were measured.`
  }
  if (!most || !least) return crossings.map(({ text }) => text).join(' ')
  return (
    `${most.arm} serves ${times(most.users / least.users)} times the users of ${least.arm} before ` +
    `its ${thresholdOn} response time reaches ${thresholdMs} ms ` +
    `(${amount(most.users)} against ${amount(least.users)}).`
  )
}

/** How many of the article's claims have which verdict. */
export function tally({ claims }: Pick<Run, 'claims'>): string {
  if (claims.length === 0) return ''
  const count = (verdict: string) => claims.filter((claim) => claim.verdict === verdict).length
  return (
    `Of the article’s ${claims.length} claims ${count('reproduced')} reproduced, ` +
    `${count('not reproduced')} not reproduced, ${count('inconclusive')} inconclusive.`
  )
}

/** Where the figures come from and whether the parts had to compete: on every table. */
export function testbedLine({
  label,
  testbed,
  host,
  limitCores,
  oversubscribed,
}: Environment): string {
  const machine = `a ${host.cores}-core host`
  const where = label.startsWith(testbed) ? label : `${testbed}: ${label}`
  if (limitCores === null) return `${where}; no CPU limits on ${machine}: all parts compete`
  const sum = `limits add up to ${Number(limitCores.toFixed(2))} cores on ${machine}`
  return `${where}; ${sum}${oversubscribed ? ': the parts compete' : ''}`
}

/** How the figures came about, in sentences a reviewer can check against the code. */
export function method(configuration: Configuration): string[] {
  const { thinkMs, warmUpS, holdS, trials, seed, search, thresholdMs, thresholdOn } = configuration
  const think = thinkMs.min === thinkMs.max ? `${thinkMs.min}` : `${thinkMs.min} to ${thinkMs.max}`
  const spread = configuration.thinkSpread
  const own = spread === undefined ? '' : `, each its own within ${spread * 100} % of that`
  return [
    `A closed loop: each virtual user goes through list products, view product, place order, view ` +
      `order, and pauses ${think} ms between two requests${own}. It is not an open arrival process, and ` +
      `nothing is corrected for coordinated omission.`,
    `Each stage holds one number of users: ${warmUpS} s of warm-up, discarded, then a window of ` +
      `${holdS} s. Latency runs from the first byte sent to the last byte received, and counts ` +
      `successful requests only.`,
    `Each arm alone, on a database created for the trial; ${trials} trial${trials === 1 ? '' : 's'} ` +
      `an arm, in an order drawn from seed ${seed}.`,
    search
      ? `After the ramp a search probes more numbers of users until the crossing of ${thresholdMs} ms ` +
        `(${thresholdOn}) is bracketed within 5 %; it is interpolated inside that bracket.`
      : `No search: the crossing of ${thresholdMs} ms (${thresholdOn}) is interpolated between steps ` +
        `of the ramp.`,
    `Intervals are at 95 %: Student’s t on batch means within a trial, a bootstrap that resamples ` +
      `trials where there are several.`,
    `The Universal Scalability Law is fitted to throughput against the users in service (those ` +
      `not thinking), not against all virtual users.`,
  ]
}

/** What was not checked, what the machine did, and the run's own warnings: each once, however many stages it holds for. */
export function remarks(run: Run): string[] {
  const missing = run.trials.flatMap(({ arm, stages }) =>
    stages.flatMap((stage) =>
      unchecked(stage, { mode: modeOf(run, arm) }).map((what) => `${arm}: not checked: ${what}`),
    ),
  )
  return [...new Set([...missing, ...hostRemarks(run.trials), ...run.warnings])]
}
