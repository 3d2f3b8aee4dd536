import { Type, type Static } from 'typebox'

const ms = (description: string) => Type.Number({ description: `ms. ${description}` })

export const Statistics = Type.Object({
  meanMs: ms('Mean.'),
  p50Ms: ms('Median.'),
  p95Ms: ms('95th percentile.'),
  p99Ms: ms('99th percentile.'),
})
export type Statistics = Static<typeof Statistics>

/** One delay under one number of users: what was measured beside what the server knows. */
export const CalibrationRow = Type.Object({
  delay: Type.String({ description: 'Name of the delay.' }),
  users: Type.Integer({ minimum: 1 }),
  requests: Type.Integer({ description: 'Requests measured.' }),
  truth: Statistics,
  measured: Statistics,
  thinkNominalMs: ms('Think time asked for.'),
  thinkTrueMs: ms('Mean gap between an answer and the next request, as the server saw it.'),
  expectedUsers: Type.Number({ description: "Users by Little's law." }),
  cpuSPer1000: Type.Number({ description: 'CPU seconds of this process for 1,000 requests.' }),
  cpuCores: Type.Number({ description: 'CPU cores this process used.' }),
  eventLoopDelayP99Ms: ms('p99 of the event-loop delay.'),
  memoryMb: Type.Number({ description: 'MB (10^6 bytes). Resident memory of this process.' }),
  saturated: Type.Boolean({ description: 'The client says itself that it measured itself.' }),
  breaches: Type.Array(Type.String(), { description: 'Bounds that did not hold.' }),
})
export type CalibrationRow = Static<typeof CalibrationRow>

/** Something injected, beside what was counted for it. */
export const FaultRow = Type.Object({
  fault: Type.String({ description: 'What was injected.' }),
  countedAs: Type.String({ description: 'The class it must be counted under.' }),
  injected: Type.Integer(),
  counted: Type.Integer(),
  passed: Type.Boolean(),
})
export type FaultRow = Static<typeof FaultRow>

/** The same server read by autocannon as it stands: no part of the verdict. */
export const StockRow = Type.Object({
  delay: Type.String(),
  users: Type.Integer(),
  truth: Statistics,
  measured: Statistics,
})
export type StockRow = Static<typeof StockRow>

/** The same server read by Locust, if it was asked for: no part of the verdict. */
export const LocustRow = Type.Object({
  client: Type.String({ description: 'Its client: HttpUser or FastHttpUser.' }),
  delay: Type.String(),
  users: Type.Integer(),
  requests: Type.Integer({ description: 'Requests measured.' }),
  failures: Type.Integer({ description: 'Requests that it counted as failed.' }),
  truth: Statistics,
  measured: Statistics,
  cpuSPer1000: Type.Number({ description: 'CPU seconds of its process for 1,000 requests.' }),
})
export type LocustRow = Static<typeof LocustRow>

export const Calibration = Type.Object({
  at: Type.String({ description: 'RFC 3339 UTC.' }),
  node: Type.String(),
  passed: Type.Boolean(),
  short: Type.Boolean({ description: 'Fewer delays and users, shorter.' }),
  /** A bare socket on the same server, alone: what no client could read better. */
  floor: Type.Object({ p50Ms: ms('Median.'), p99Ms: ms('99th percentile.') }),
  rows: Type.Array(CalibrationRow),
  faults: Type.Array(FaultRow),
  paced: Type.Object({
    requests: Type.Integer({ description: 'Of all rows of fewer than 100 users, together.' }),
    throughputPerS: Type.Number({ description: 'Their mean number of requests per second.' }),
    cpuSPer1000: Type.Number({ description: 'CPU seconds for 1,000 requests.' }),
    wakeUs: Type.Number({ description: 'CPU microseconds to wake a process that does nothing.' }),
  }),
  saturation: Type.Object({
    users: Type.Integer(),
    throughputPerS: Type.Number({ description: 'Requests per second without think time.' }),
    cpuSPer1000: Type.Number({ description: 'CPU seconds for 1,000 requests.' }),
    breaches: Type.Array(Type.String()),
  }),
  stock: Type.Array(StockRow),
  locust: Type.Optional(
    Type.Object({
      version: Type.String({ description: 'As it says itself.' }),
      rows: Type.Array(LocustRow),
    }),
  ),
})
export type Calibration = Static<typeof Calibration>
