import type { Configuration } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import { batchMeans, type Estimate } from './batch-means.ts'
import { mean } from './moments.ts'

export type ThresholdOn = Configuration['thresholdOn']

/** The response time of one arm at one number of users. */
export interface Response {
  readonly users: number
  readonly ms: number
  /** Its error within the window; null for a percentile, of which seconds have none, or a short window. */
  readonly estimate: Estimate | null
}

/** The figure that the threshold is on. ms; null without a request. */
export function responseMs({ all }: Stage, on: ThresholdOn): number | null {
  return on === 'mean' ? all.meanMs : all.p95Ms
}

/** Valid stages of one trial as responses by users; stages at the same users are averaged. */
export function responses(stages: readonly Stage[], on: ThresholdOn): Response[] {
  const byUsers = Map.groupBy(
    stages.filter(({ validity }) => validity.valid),
    ({ users }) => users,
  )
  return [...byUsers]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([users, same]) => {
      const values = same.map((stage) => responseMs(stage, on)).filter((value) => value !== null)
      if (values.length === 0) return []
      const estimate =
        on === 'mean' ? latencyEstimate(same.flatMap(({ seconds }) => seconds)) : null
      return [{ users, ms: mean(values), estimate }]
    })
}

/** Mean latency of a window with its error. ms. */
export function latencyEstimate(seconds: Stage['seconds']): Estimate | null {
  return batchMeans(seconds.map(({ meanMs }) => meanMs).filter((value) => value !== null))
}

/** Successful requests per second of a window with their error. */
export function throughputEstimate(seconds: Stage['seconds']): Estimate | null {
  return batchMeans(seconds.map(({ requests }) => requests))
}
