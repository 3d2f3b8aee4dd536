import type { Run } from '../measurement/run.ts'
import { amount, times } from './number.ts'

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
