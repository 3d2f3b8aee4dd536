import { responseMs } from '../../analysis/crossing/estimate.ts'
import { armNames, levels, meanAt } from '../../analysis/levels.ts'
import type { Run } from '../../measurement/run.ts'
import { testbedLine } from '../headline.ts'
import { cell, type Cell, ms, NONE, type Sheet } from '../sheet.ts'

/** The arms over one ramp: the response time at each step, with the step that crosses marked. */
export function sideBySideSheet(run: Run): Sheet {
  const { thresholdMs, thresholdOn, trials } = run.configuration
  const arms = armNames(run).map((arm) => ({ arm, levels: levels(run, arm) }))
  const asked = new Set(run.configuration.users)
  const steps = [...asked].toSorted((a, b) => a - b)
  const response = thresholdOn === 'mean' ? 'mean' : 'p95'
  const rows = arms.map(({ arm, levels: found }) => {
    const cells = steps.map((users): Cell => {
      const level = found.find((candidate) => candidate.users === users)
      if (!level) return cell(NONE, 'muted')
      const value = meanAt(level, (stage) => responseMs(stage, response))
      if (value === null) return cell('INVALID', 'bad')
      return value >= thresholdMs ? cell(`▲ ${ms(value)}`, 'bad') : cell(ms(value))
    })
    return [cell(arm, 'strong'), ...cells]
  })
  return {
    title: `The arms side by side: ${response} response time at each step of the ramp`,
    notes: [
      testbedLine(run),
      `▲ at or over ${thresholdMs} ms${trials > 1 ? '; mean over the valid stages of all trials' : ''}`,
    ],
    columns: [
      { head: 'arm', kind: 'name' },
      ...steps.map((users) => ({ head: `${users} users`, unit: 'ms', kind: 'figure' as const })),
    ],
    rows,
  }
}
