import type { Endpoint } from '../../measurement/figures.ts'

/** What is done in place of an answer, by the fault. */
export const FAULTS = [
  'FIN',
  'RST',
  'Connection: close',
  'hang',
  '503',
  '500',
  'broken body',
  'garbage',
] as const
export type Fault = (typeof FAULTS)[number]

/** To the server. It answers each with one message. */
export type Request =
  | Readonly<{ kind: 'take-log' }>
  /** Every `every`-th request below /faults meets the next fault in turn; 0: none. */
  | Readonly<{ kind: 'inject'; every: number }>
  /** Closes the listener and every connection, and listens again after `downMs`. */
  | Readonly<{ kind: 'restart'; downMs: number }>

/** What the server knows, since the log was last taken. Times on the clock of `process.hrtime`. */
export type ServerLog = Readonly<{
  /** ms. When a request had come in whole. */
  arrivedAtMs: Float64Array
  /** ms. From there until the last byte of its answer was handed to the kernel. */
  serviceMs: Float64Array
  /** ms. From the last answer on the connection to this request; NaN for its first. */
  gapMs: Float64Array
  /** Requests that came in, answered or not. */
  received: Readonly<Record<Endpoint, number>>
  injected: Readonly<Record<Fault, number>>
}>

export type Reply =
  | Readonly<{ kind: 'listening'; port: number }>
  | Readonly<{ kind: 'log'; log: ServerLog }>
  | Readonly<{ kind: 'done' }>
  /** `lost`: requests that were waiting for their answer when the connections were closed. */
  | Readonly<{ kind: 'restarted'; lost: number }>
