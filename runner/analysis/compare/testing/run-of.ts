import type { Run } from '../../../measurement/run.ts'
import { madeUpRun } from '../../testing/made-up-run.ts'

/** A made-up run of its own: no two of them hold the same trial. */
export function runOf(seed: number, asked: Parameters<typeof madeUpRun>[0] = {}): Run {
  const run = madeUpRun({ seed, ...asked })
  for (const trial of run.trials) {
    trial.startedAt = new Date(Date.parse(trial.startedAt) + seed * 86_400_000).toISOString()
  }
  return run
}
