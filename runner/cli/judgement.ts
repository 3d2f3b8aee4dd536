import { drift } from '../analysis/drift.ts'
import { judge } from '../analysis/validity.ts'
import type { Judgement } from '../experiment/trial.ts'
import type { Configuration } from '../measurement/run.ts'

/** The pure functions by which the experiment decides, for this configuration. */
export function judgementFor(_configuration: Configuration): Promise<Judgement> {
  return Promise.resolve({
    judge: (measured, mode) => {
      const stage = { ...measured, drift: drift(measured.seconds) }
      return { ...stage, validity: judge(stage, { mode }) }
    },
    nextProbe: () => null,
    checkContract: () => Promise.resolve([]),
  })
}
