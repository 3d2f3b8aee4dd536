import type { ContractFailure, Trial } from '../measurement/trial.ts'
import type { Stage } from '../measurement/stage.ts'
import type { Counters } from '../telemetry/counters.ts'
import type { PlannedTrial } from '../plan/schedule.ts'

/** What the experiment tells whoever looks on: progress and results are made of these alone. */
export type ExperimentEvent =
  | Readonly<{ kind: 'trial-started'; trial: PlannedTrial; of: number }>
  | Readonly<{ kind: 'contract-failed'; trial: PlannedTrial; failures: readonly ContractFailure[] }>
  | Readonly<{ kind: 'stage-started'; users: number; stageKind: Stage['kind']; lengthMs: number }>
  | Readonly<{ kind: 'reading'; reading: Counters; before: Counters }>
  | Readonly<{ kind: 'stage-ended'; stage: Stage }>
  | Readonly<{ kind: 'trial-ended'; trial: Trial }>

export type Listener = (event: ExperimentEvent) => void
