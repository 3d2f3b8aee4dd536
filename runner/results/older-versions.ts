import { wholeSeconds } from '../measurement/figures.ts'
import { type Run, RUN_VERSION } from '../measurement/run.ts'

/** A run as version 1 wrote it: its trials are as they are now, its conclusions are not. */
export type VersionOne = Omit<Run, 'version'>

/**
 * Version 1 counted the fragment at a window's end as a second, and concluded otherwise: its crossings and
 * claims are left out, since `report` makes them again from the trials.
 */
export function fromVersion1(run: VersionOne): Run {
  return {
    ...run,
    version: RUN_VERSION,
    trials: run.trials.map((trial) => ({
      ...trial,
      stages: trial.stages.map((stage) => ({
        ...stage,
        seconds: wholeSeconds(stage.seconds, stage.holdS),
      })),
    })),
    crossings: [],
    claims: [],
  }
}
