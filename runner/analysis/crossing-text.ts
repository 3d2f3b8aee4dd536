import type { Configuration } from '../measurement/run.ts'
import type { Crossing } from '../measurement/verdict.ts'

type Measured = { readonly least: number; readonly most: number } | null
type Told = Pick<Crossing, 'arm' | 'state' | 'users' | 'bracket' | 'interval' | 'ceilingPerS'>

/** The answer in one sentence. */
export function crossingText(
  crossing: Told,
  configuration: Configuration,
  measured: Measured,
): string {
  const { arm, ceilingPerS, state } = crossing
  const { thresholdMs, thresholdOn } = configuration
  const response = `${arm}: the ${thresholdOn} response time`
  const ceiling = ceilingPerS === null ? '' : ` Most seen: ${ceilingPerS.toFixed(0)} requests/s.`
  const below = `is below ${thresholdMs} ms up to ${measured?.most} users`
  const answers: Readonly<Record<Crossing['state'], string>> = {
    crossed: `${response} reaches ${thresholdMs} ms at ${place(crossing)}.${ceiling}`,
    'not-reached': `${response} ${below}, the most that were measured.${ceiling}`,
    'crossed-below': `${response} is over ${thresholdMs} ms already at ${measured?.least} users.${ceiling}`,
    'limited-by-runner': `${response} ${below}; past that the runner could not keep up.${ceiling}`,
    'no-valid-stage': `${arm}: no stage is valid, so nothing can be said.`,
  }
  return answers[state]
}

function place({ users, bracket, interval }: Told): string {
  const amount = (value: number) => value.toFixed(value < 100 ? 1 : 0)
  const about = `${amount(users ?? Number.NaN)} users`
  const seen = bracket ? `seen between ${bracket.low} and ${bracket.high}` : 'interpolated'
  if (!interval) return `${about} (${seen})`
  const kind = interval.kind === 'within-run' ? 'within this run' : 'between trials'
  return `${about} (95 % interval ${kind} ${amount(interval.low)} to ${amount(interval.high)}; ${seen})`
}
