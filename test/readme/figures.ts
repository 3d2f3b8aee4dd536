import { readFile } from 'node:fs/promises'
import { terminalReport } from '../../runner/report/terminal.ts'
import { readRun } from '../../runner/results/read.ts'
import { KIT } from '../docker/kit.ts'

/** The committed run whose figures the README shows. */
const REFERENCE = 'results/reference/compose-quick'
const [START, END] = ['<!-- expected -->', '<!-- /expected -->']
/** The tables of the report that the README shows; the rest is in the run's own report. */
const SHOWN = /^(Verdict|Crossing|The arms side by side|Cost per request)/

/** README.md as it must be: its figures are those of the committed run, to the letter. */
export async function readmeWithFigures(): Promise<{ is: string; mustBe: string }> {
  const is = await readFile(`${KIT}README.md`, 'utf8')
  const run = await readRun(`${KIT}${REFERENCE}`)
  const text = terminalReport(run, { columns: 100, colour: false, unicode: true })
  const parts = text.split('\n\n').filter((part, at) => at === 0 || SHOWN.test(part))
  const block = [
    `From [the committed run](${REFERENCE}/report.md) of ${run.startedAt.slice(0, 10)}, on ` +
      `${run.environment.host.cores} cores (${run.environment.parts.some((part) => part.standIn) ? 'stand-in images: see its environment' : 'official images'}):`,
    '',
    `![Mean response time against users](${REFERENCE}/charts/response-time.svg)`,
    '',
    '```text',
    parts.join('\n\n').trim(),
    '```',
  ].join('\n')
  const [before = '', rest = ''] = is.split(START)
  const after = rest.split(END)[1] ?? ''
  return { is, mustBe: `${before}${START}\n\n${block}\n\n${END}${after}` }
}
