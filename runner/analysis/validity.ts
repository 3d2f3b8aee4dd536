import type { CheckId, Reason, Stage } from '../measurement/stage.ts'
import type { Mode } from '../measurement/trial.ts'
import { driftNoise, LEAST_SECONDS, silentHalf } from './drift.ts'

/** What can be judged of a stage before it has been judged. */
export type Unjudged = Omit<Stage, 'validity'>
type Promised = { readonly mode: Mode | null }
type Check = (stage: Unjudged, promise: Promised) => Reason | null

/** The bounds beyond which a stage's figures are not a measurement. */
export const BOUNDS = {
  /** Of the users: more unaccounted for means lost or misattributed responses. */
  littlesLaw: 0.05,
  /** Of the requests sent. */
  errors: 0.01,
  /** Cores: above it the client waits for itself. */
  clientCores: 0.8,
  /** ms, or this share of the mean latency if that is more, over the idle event loop's p99. */
  eventLoopMs: 5,
  eventLoopOfMean: 0.1,
  /** Of the machine's CPU time: above it the figures are those of its neighbours too. */
  stolen: 0.05,
  /** Requests: below it the p99 rests on less than one request. */
  requests: 100,
  /** Relative, and ms (the accuracy that the instrument is calibrated to): less is no drift. */
  drift: 0.1,
  driftMs: 0.5,
  /** Connections for each request: of a mode that keeps them, and of one that does not. */
  kept: 0.05,
  /** Connections in all: a pool that fills in a short window is no connection per request. */
  keptInAll: 20,
  anew: { low: 0.9, high: 1.1 },
  /**
   * us of CPU that an app takes for each request. Reading it and writing the answer are two system calls
   * and TCP both ways, some 20 us in the kernel before any code of the app runs; Nginx, which only passes
   * a request on, takes 50. Less means that another process answered.
   */
  idleUsPerRequest: 20,
  /** Requests: of fewer, what the bound allows is less than one tick (10 ms) of the clock of processes. */
  idleRequests: 500,
} as const

/**
 * Is a stage's number a number? Every check that fails gives its figure, its bound and a sentence.
 * A figure that could not be read fails nothing: see `unchecked`.
 */
export function judge(stage: Unjudged, promise: Promised): Stage['validity'] {
  const reasons = CHECKS.map((check) => check(stage, promise)).filter((reason) => reason !== null)
  return { valid: reasons.length === 0, reasons }
}

const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`

const CHECKS: readonly Check[] = [
  function requests({ all }) {
    if (all.requests >= BOUNDS.requests) return null
    const text = `${all.requests} requests succeeded, fewer than ${BOUNDS.requests}`
    return { check: 'requests', figure: all.requests, bound: BOUNDS.requests, text }
  },
  function littlesLaw({ littlesLaw: { residual, expectedUsers }, users }) {
    if (Math.abs(residual) <= BOUNDS.littlesLaw) return null
    const text = `the figures account for ${expectedUsers.toFixed(1)} of ${users} users (Little's law)`
    return { check: 'littles-law', figure: residual, bound: BOUNDS.littlesLaw, text }
  },
  function errors({ outcomes: { failed, sent } }) {
    const figure = sent === 0 ? 0 : failed / sent
    if (figure <= BOUNDS.errors) return null
    const text = `${percent(figure)} of the requests failed (${failed} of ${sent})`
    return { check: 'errors', figure, bound: BOUNDS.errors, text }
  },
  function inFlight({ outcomes: { inFlight: figure } }) {
    if (figure === 0) return null
    return { check: 'in-flight', figure, bound: 0, text: `${figure} requests never came to an end` }
  },
  function clientCpu({ client: { cpuCores: figure } }) {
    if (figure <= BOUNDS.clientCores) return null
    const text = `the runner used ${percent(figure)} of a core: it measured itself`
    return { check: 'client-cpu', figure, bound: BOUNDS.clientCores, text }
  },
  function eventLoop({ client, all: { meanMs } }) {
    const figure = client.eventLoopDelayP99Ms - client.eventLoopDelayIdleP99Ms
    const bound = Math.max(BOUNDS.eventLoopMs, BOUNDS.eventLoopOfMean * (meanMs ?? 0))
    if (figure <= bound) return null
    const text = `the runner's event loop ran ${figure.toFixed(1)} ms late (p99 over its idle state)`
    return { check: 'client-event-loop', figure, bound, text }
  },
  function stolen({ stolenRatio: figure }) {
    if (figure === undefined || figure === null || figure <= BOUNDS.stolen) return null
    const text = `the host of this virtual machine gave ${percent(figure)} of its CPU time to others`
    return { check: 'stolen', figure, bound: BOUNDS.stolen, text }
  },
  function restarts({ restarts: figure }) {
    if (figure === 0) return null
    return { check: 'restarts', figure, bound: 0, text: `${figure} restarts of a part` }
  },
  function oomKills({ oomKills: figure }) {
    if (figure === 0) return null
    return { check: 'oom-kills', figure, bound: 0, text: `${figure} out-of-memory kills` }
  },
  function noSteadyState({ drift: figure, all: { meanMs }, seconds }) {
    const noise = driftNoise(seconds)
    if (figure === null || noise === null) return null
    const bound = Math.max(BOUNDS.drift, BOUNDS.driftMs / (meanMs ?? Infinity), noise)
    if (Math.abs(figure) <= bound) return null
    const text = `latency drifted by ${percent(figure)} between the window's halves`
    return { check: 'drift', figure, bound, text: `${text} (noise explains ${percent(noise)})` }
  },
  function silence({ seconds }) {
    const figure = silentHalf(seconds)
    if (figure === null) return null
    const text = `no drift can be told: a half of the window has ${figure} seconds with a success, fewer than ${LEAST_SECONDS}`
    return { check: 'silence', figure, bound: LEAST_SECONDS, text }
  },
  function appIdle({ cpu: { app }, outcomes: { succeeded } }) {
    const figure = app?.usPerRequest ?? null
    if (figure === null || succeeded < BOUNDS.idleRequests) return null
    if (figure >= BOUNDS.idleUsPerRequest) return null
    const text = `the app used ${figure.toFixed(1)} us of CPU a request: another process answered`
    return { check: 'app-idle', figure, bound: BOUNDS.idleUsPerRequest, text }
  },
  function connections({ connectionsPerRequest: figure, outcomes: { sent } }, { mode }) {
    if (figure === null || mode === null) return null
    const { anew } = BOUNDS
    const kept = Math.max(BOUNDS.kept, BOUNDS.keptInAll / Math.max(1, sent))
    const holds =
      mode === 'per-request' ? figure >= anew.low && figure <= anew.high : figure <= kept
    if (holds) return null
    const bound = mode !== 'per-request' ? kept : figure < anew.low ? anew.low : anew.high
    const text = `${figure.toFixed(3)} new database connections a request contradict ${mode}`
    return { check: 'connections', figure, bound, text }
  },
]

/** Checks that a figure was missing for: no reason to reject a stage, but to be said. */
export function unchecked(stage: Unjudged, { mode }: { readonly mode: Mode | null }): string[] {
  const missing: string[] = []
  if (stage.connectionsPerRequest === null)
    missing.push('connections: the database could not count them')
  else if (mode === null) missing.push('connections: the arm promises no mode')
  if ((stage.cpu.app?.usPerRequest ?? null) === null)
    missing.push("app-idle: the app's CPU is unknown")
  if (driftNoise(stage.seconds) === null) missing.push('drift: the window is too short to tell')
  return missing
}

const RUNNER_CHECKS = new Set<CheckId>(['client-cpu', 'client-event-loop'])

/** Was it the load generator that could not keep up? */
export function limitedByRunner({ validity }: Stage): boolean {
  return validity.reasons.some(({ check }) => RUNNER_CHECKS.has(check))
}
