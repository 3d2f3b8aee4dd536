import type { Run } from '../measurement/run.ts'
import { amount, times } from './number.ts'

/** The run's answer in one or two sentences, said from the crossings and the verdicts alone. */
export function headline({ crossings, claims, configuration, state }: Run): string {
  const { thresholdMs, thresholdOn } = configuration
  const sentences: string[] = []
  const found = crossings.flatMap(({ arm, users }) => (users === null ? [] : [{ arm, users }]))
  const [most, ...others] = found.toSorted((a, b) => b.users - a.users)
  const least = others.at(-1)
  if (most && least)
    sentences.push(
      `${most.arm} serves ${times(most.users / least.users)} times the users of ${least.arm} before ` +
        `its ${thresholdOn} response time reaches ${thresholdMs} ms ` +
        `(${amount(most.users)} against ${amount(least.users)}).`,
    )
  else sentences.push(...crossings.map(({ text }) => text))
  if (claims.length > 0) {
    const count = (verdict: string) => claims.filter((claim) => claim.verdict === verdict).length
    sentences.push(
      `Of the article’s ${claims.length} claims ${count('reproduced')} reproduced, ` +
        `${count('not reproduced')} not reproduced, ${count('inconclusive')} inconclusive.`,
    )
  }
  if (sentences.length === 0) sentences.push('Nothing was judged.')
  if (state === 'partial') sentences.push('The run is partial: it ended before its plan did.')
  return sentences.join(' ')
}
