import { decisionTexts } from '../analysis/factors/decisions.ts'
import { armNames } from '../analysis/levels.ts'
import type { Run } from '../measurement/run.ts'
import { headline } from './headline.ts'
import { remarks } from './remarks.ts'
import { armSheet } from './tables/arm.ts'
import { narrowClaimsSheet } from './tables/claims.ts'
import { costSheet } from './tables/cost.ts'
import { crossingsSheet } from './tables/crossings.ts'
import { endpointsSheet } from './tables/endpoints.ts'
import { factorsSheet } from './tables/factors.ts'
import { sideBySideSheet } from './tables/side-by-side.ts'
import { validitySheet } from './tables/validity.ts'
import { glyphs } from './terminal/glyphs.ts'
import { paint } from './terminal/paint.ts'
import type { Screen } from './terminal/screen.ts'
import { fold, table } from './terminal/table.ts'

export interface TerminalOptions extends Screen {
  /** Also a table of each arm by endpoint. */
  readonly verbose?: boolean
}

/** The whole report as text: verdict, crossing, ramp, cost per request, validity. */
export function terminalReport(run: Run, options: TerminalOptions): string {
  const arms = armNames(run)
  const factors = factorsSheet(run)
  const sheets = [
    ...(run.claims.length > 0 ? [narrowClaimsSheet(run)] : []),
    ...(run.crossings.length > 0 ? [crossingsSheet(run)] : []),
    ...(factors ? [factors] : []),
    sideBySideSheet(run),
    ...arms.map((arm) => armSheet(run, arm)),
    ...(options.verbose ? arms.map((arm) => endpointsSheet(run, arm)) : []),
    costSheet(run),
    validitySheet(run),
  ]
  const say = (text: string) => fold(glyphs(text, options.unicode), options.columns)
  const parts = [
    paint(say(headline(run)), 'strong', options.colour),
    say(decisionTexts(run)[0] ?? ''),
    ...sheets.map((sheet) => table(sheet, options)),
    ...remarks(run).map((text) => paint(say(text), 'muted', options.colour)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
