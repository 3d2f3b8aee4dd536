import { drift } from '../analysis/drift.ts'
import { judge } from '../analysis/validity.ts'
import type { Judgement } from '../experiment/trial.ts'
import { contractSuite } from './contract.ts'
import type { Configuration } from '../measurement/run.ts'

/** The pure functions by which the experiment decides, for this configuration. */
export async function judgementFor(_configuration: Configuration): Promise<Judgement> {
  return {
    judge: (measured, mode) => {
      const stage = { ...measured, drift: drift(measured.seconds) }
      return { ...stage, validity: judge(stage, { mode }) }
    },
    nextProbe: () => null,
    checkContract: await contractSuite(),
  }
}
