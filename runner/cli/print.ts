import { comparedArms } from '../analysis/precision.ts'
import { ratioInterval } from '../analysis/ratio.ts'
import { printableLine } from '../foreign/printable.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'
import { answerOf } from '../report/answer.ts'
import { probeText, terminalReport } from '../report/terminal.ts'
import type { Print } from './option-values.ts'
import { screenOf } from './screen.ts'

/**
 * What stands on standard output of a run that was judged and reported.
 *
 * @param lines how it ended and where its page is, the answer last
 * @param report path of the page, as it can be typed
 */
export function printRun(
  run: Studied<Run>,
  print: Print,
  { lines, report }: Readonly<{ lines: readonly string[]; report: string }>,
): void {
  if (print === 'json') {
    process.stdout.write(`${JSON.stringify(answerJson(run, report), null, 2)}\n`)
    return
  }
  const screen = screenOf(process)
  const isProbe = run.configuration.profile === 'probe' && print !== 'verbose'
  const text = isProbe
    ? probeText(run, screen)
    : terminalReport(run, { ...screen, verbose: print === 'verbose' })
  const { caution } = answerOf(run)
  const last = [...(caution === null ? [] : [printableLine(caution)]), ...lines.slice(-1)].join(' ')
  const said = print === 'quiet' ? [last] : [text, ...lines]
  process.stdout.write(said.map((line) => `${line}\n`).join(''))
}

/** The answer as data: what the sentences say, and the figures behind them. */
export function answerJson(run: Studied<Run>, report: string) {
  const { state, crossings, claims } = run
  const ratios = comparedArms(run).map(({ over, under, ratio }) => ({
    over,
    under,
    value: ratio?.value ?? null,
    trials: ratio?.trials ?? 0,
    interval: ratio && ratioInterval(ratio),
  }))
  return { state, answer: answerOf(run), ratios, crossings, claims, report }
}
