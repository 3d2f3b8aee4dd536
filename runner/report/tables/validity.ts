import { leftOut } from '../../analysis/standing.ts'
import { errorClasses } from '../../measurement/figures.ts'
import type { Run } from '../../measurement/run.ts'
import { cell, type Cell, type Sheet } from '../sheet.ts'

/** Every stage that is no measurement, and every trial that broke, each with its reason. */
export function validitySheet(run: Run): Sheet {
  const stages = run.trials.flatMap((trial) => trial.stages)
  const invalid = stages.filter(({ validity }) => !validity.valid).length
  return {
    title:
      invalid === 0
        ? `Validity: ${stages.length} of ${stages.length} stages are valid`
        : `Validity: ${invalid} of ${stages.length} stages are INVALID and enter nothing above`,
    notes: leftOut(run.trials),
    keys: 3,
    columns: [
      { head: 'arm', kind: 'name' },
      { head: 'trial', kind: 'figure' },
      { head: 'users', kind: 'figure' },
      { head: 'check', kind: 'name' },
      { head: 'reason', kind: 'prose' },
    ],
    rows: run.trials.flatMap((trial) => [
      ...trial.stages.flatMap((stage) =>
        stage.validity.reasons.map(({ check, text }) =>
          row(trial, String(stage.users), check, withClasses(stage, check, text)),
        ),
      ),
      ...broken(trial).map(([check, text]) => row(trial, 'all', check, text)),
    ]),
  }
}

type Trial = Run['trials'][number]
type Stage = Trial['stages'][number]

/** Which errors: where nothing else of the stage says it, the number alone helps nobody. */
function withClasses({ all }: Stage, check: string, text: string): string {
  const classes = check === 'errors' ? errorClasses(all) : ''
  return classes === '' ? text : `${text}: ${classes}`
}

function row({ arm, index }: Trial, users: string, check: string, text: string): Cell[] {
  return [cell(arm, 'strong'), cell(String(index + 1)), cell(users), cell(check, 'bad'), cell(text)]
}

function broken({ problem, audit, contractFailures }: Trial): [check: string, text: string][] {
  const unsound = audit && !audit.passed
  return [
    ...(problem ? ([['aborted', problem]] as [string, string][]) : []),
    ...(unsound ? ([['audit', auditText(audit)]] as [string, string][]) : []),
    ...contractFailures.map(({ name, expected, got, remedy }): [string, string] => [
      'contract',
      `${name}: expected ${expected}, got ${got}. ${remedy}`,
    ]),
  ]
}

function auditText(audit: NonNullable<Trial['audit']>): string {
  const { acknowledged, inDoubt, stored, quantity, sold, oversold } = audit
  const orders = `${acknowledged} orders acknowledged (${inDoubt} in doubt) but ${stored} stored`
  return `${orders}; ordered quantity ${quantity}, sold ${sold}; ${oversold} products oversold`
}
