import { drift } from '../analysis/drift.ts'
import { bracketOf, nextStep } from '../analysis/search.ts'
import { judge } from '../analysis/validity.ts'
import type { Judgement } from '../experiment/trial.ts'
import type { Configuration } from '../measurement/run.ts'
import { contractSuite } from './contract.ts'

/** The pure functions by which the experiment decides, for this configuration. */
export async function judgementFor(configuration: Configuration): Promise<Judgement> {
  return {
    judge: (measured, mode) => {
      const stage = { ...measured, drift: drift(measured.seconds) }
      return { ...stage, validity: judge(stage, { mode }) }
    },
    nextProbe: (stages, earlier) => {
      const expected = bracketOf(earlier.at(-1)?.stages ?? [], configuration)
      const step = nextStep(stages, { ...configuration, expected })
      return 'probe' in step ? step.probe : null
    },
    checkContract: await contractSuite(),
  }
}
