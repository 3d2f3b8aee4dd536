import { hostRemarks } from '../analysis/host-state.ts'
import { modeOf } from '../analysis/mode-of.ts'
import { unchecked } from '../analysis/unchecked.ts'
import type { Run } from '../measurement/run.ts'

/** What was not checked, what the machine did, and the run's own warnings: each once, however many stages it holds for. */
export function remarks(run: Run): string[] {
  const missing = run.trials.flatMap(({ arm, stages }) =>
    stages.flatMap((stage) =>
      unchecked(stage, { mode: modeOf(run, arm) }).map((what) => `${arm}: not checked: ${what}`),
    ),
  )
  return [...new Set([...missing, ...hostRemarks(run.trials), ...run.warnings])]
}
