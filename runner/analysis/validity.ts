import type { CheckId, Reason, Stage } from '../measurement/stage.ts'
import type { Mode } from '../measurement/trial.ts'
import { driftNoise, LEAST_SECONDS, silentHalf } from './drift.ts'
import { edgeNoise, lawNoiseOfOlderRuns, openedForEach } from './edges.ts'
import { LEAST_SECONDS as LEAST_OF_STALL, mostLost } from './stall.ts'

/** What can be judged of a stage before it has been judged. */
export type Unjudged = Omit<Stage, 'validity'>
type Promised = { readonly mode: Mode | null }
type Check = (stage: Unjudged, promised: Promised) => Reason | null

/** The bounds beyond which a stage's figures are not a measurement. */
export const BOUNDS = {
  /** Of the users: more unaccounted for means lost or misattributed responses. */
  littlesLaw: 0.01,
  /**
   * Of the requests sent: by how many more or fewer may end in the window. Beyond it the state is not steady,
   * and what is counted for each request is that of others (job flow balance: Denning and Buzen, ACM Computing
   * Surveys 10(3), 1978).
   */
  flowBalance: 0.05,
  /** Of the users: the mean response time knows nothing of an answer that takes longer than the window. */
  stuckUsers: 0.01,
  /** ms by which the mean think time may exceed what was asked for: a client that is late makes a lighter load. */
  thinkLateMs: 0.5,
  /** Of the requests sent. */
  errors: 0.01,
  /** Cores: above it the client waits for itself. */
  clientCores: 0.8,
  /** ms, or this share of the mean latency if that is more, over the idle event loop's p99. */
  eventLoopMs: 5,
  eventLoopOfMean: 0.1,
  /** Of the window: by how much the windows of loaders may lie apart at either edge. */
  loaderEdges: 0.01,
  /** Of the machine's CPU time: above it the figures are those of its neighbours too. */
  stolen: 0.05,
  /** Requests: below it the p99 rests on less than one request. */
  requests: 100,
  /** Relative, and ms (the accuracy that the instrument is calibrated to): less is no drift. */
  drift: 0.1,
  driftMs: 0.5,
  /** Relative, where it moves the cycle of a user by that share: more is no steady state, noise or not. */
  driftAnyway: 0.5,
  driftOfCycle: 0.05,
  /** s. Of shorter windows the halves differ by as much when nothing drifts: near the crossing one in three did. */
  driftAnywayFromS: 10,
  /**
   * s of each user's time that may be lost in two neighbouring seconds: where nobody waits, for each share of the
   * cycle that a usual second waits, and at most; in a long window this share of it, as part of what the service
   * does. Of the committed valid stages fewer than one in a hundred is beyond, each with seconds at half of their neighbours.
   */
  stall: { s: 0.4, ofWaiting: 3, mostS: 0.75, ofWindow: 0.03 },
  /** Connections for each request: of a mode that keeps them, and of one that does not. */
  kept: 0.05,
  /** Connections in all: a pool that fills in a short window is no connection per request. */
  keptInAll: 20,
  perRequest: { low: 0.9, high: 1.1 },
  /**
   * us of CPU that an app takes for each request. Reading it and writing the answer are two system calls
   * and TCP both ways, some 20 us in the kernel before any code of the app runs; Nginx, which only passes
   * a request on, takes 50. Less means that another process answered.
   */
  idleUsPerRequest: 20,
  /**
   * us by which the CPU of a process may be read too low, where a run does not say by how much: its user and its
   * system time are whole ticks of 10 ms each.
   */
  idleMissedUs: 20_000,
} as const

/**
 * Is this stage a valid measurement? Every check that fails gives its figure, its bound and a sentence.
 * A figure that could not be read fails nothing: see `unchecked` below.
 */
export function judge(stage: Unjudged, promised: Promised): Stage['validity'] {
  const reasons = CHECKS.map((check) => check(stage, promised)).filter((reason) => reason !== null)
  return { valid: reasons.length === 0, reasons }
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`

const CHECKS: readonly Check[] = [
  function requests({ all }) {
    if (all.requests >= BOUNDS.requests) return null
    const text = `${all.requests} requests succeeded, fewer than ${BOUNDS.requests}`
    return { check: 'requests', figure: all.requests, bound: BOUNDS.requests, text }
  },
  function littlesLaw(stage) {
    const {
      littlesLaw: { residual, expectedUsers, edgeUsers },
      users,
    } = stage
    const older = edgeUsers === undefined ? lawNoiseOfOlderRuns(stage) : 0
    const bound = Math.max(BOUNDS.littlesLaw, older)
    if (Math.abs(residual) <= bound) return null
    const text = `the figures account for ${expectedUsers.toFixed(1)} of ${users} users (Little's law)`
    return { check: 'littles-law', figure: residual, bound, text }
  },
  function flowBalance(stage) {
    const {
      outcomes: { sent },
      ended,
    } = stage
    if (ended === undefined || sent === 0) return null
    const figure = ended / sent - 1
    const bound = Math.max(BOUNDS.flowBalance, edgeNoise(stage) / sent)
    if (Math.abs(figure) <= bound) return null
    const queue = figure > 0 ? 'drained' : 'grew'
    const text = `the queue ${queue}: ${ended} requests ended in the window and ${sent} were sent`
    return { check: 'flow-balance', figure, bound, text }
  },
  function stuckUsers({ littlesLaw: { stuckUsers: figure = 0 }, users }) {
    const bound = BOUNDS.stuckUsers * users
    if (figure <= bound) return null
    const text = `${figure} of ${users} users waited for one answer during the whole window`
    return { check: 'stuck-users', figure, bound, text }
  },
  function thinkTime({ client: { thinkMeanMs, thinkNominalMs, thinkOverdueMs = 0 } }) {
    const ended = typeof thinkNominalMs === 'number' ? (thinkMeanMs ?? 0) - thinkNominalMs : 0
    const figure = ended + thinkOverdueMs
    if (figure <= BOUNDS.thinkLateMs) return null
    const text = `users thought ${figure.toFixed(2)} ms longer than they were asked to (mean)`
    return { check: 'think-time', figure, bound: BOUNDS.thinkLateMs, text }
  },
  function errors({ outcomes: { failed, sent } }) {
    const figure = sent === 0 ? 0 : failed / sent
    if (figure <= BOUNDS.errors) return null
    const text = `${percent(figure)} of the requests failed (${failed} of ${sent})`
    return { check: 'errors', figure, bound: BOUNDS.errors, text }
  },
  function inFlight({ outcomes: { inFlight: figure } }) {
    if (figure === 0) return null
    return {
      check: 'in-flight',
      figure,
      bound: 0,
      text: `${counted(figure, 'request')} never came to an end`,
    }
  },
  function clientCpu({ client: { cpuCores, loaders } }) {
    // Each event loop has a core at most, however many there are.
    const figure = Math.max(...(loaders?.map((loader) => loader.cpuCores) ?? [cpuCores]))
    if (figure <= BOUNDS.clientCores) return null
    const who = loaders === undefined ? 'the runner' : `one of ${loaders.length} loaders`
    const text = `${who} used ${percent(figure)} of a core: it measured itself`
    return { check: 'client-cpu', figure, bound: BOUNDS.clientCores, text }
  },
  function eventLoop({ client, all: { meanMs } }) {
    const figure = client.eventLoopDelayP99Ms - client.eventLoopDelayIdleP99Ms
    const bound = Math.max(BOUNDS.eventLoopMs, BOUNDS.eventLoopOfMean * (meanMs ?? 0))
    if (figure <= bound) return null
    const text = `the runner's event loop ran ${figure.toFixed(1)} ms late (p99 over its idle state)`
    return { check: 'client-event-loop', figure, bound, text }
  },
  function loaderEdges({ client: { loaders = [] }, holdS }) {
    const edgesS = [
      loaders.map(({ openedAfterMs }) => openedAfterMs / 1000),
      loaders.map(({ openedAfterMs, windowS }) => openedAfterMs / 1000 + windowS),
    ]
    const figure = Math.max(0, ...edgesS.map((at) => Math.max(...at) - Math.min(...at))) / holdS
    if (figure <= BOUNDS.loaderEdges) return null
    const text = `the loaders' windows lay apart by ${percent(figure)} of their length`
    return { check: 'loader-edges', figure, bound: BOUNDS.loaderEdges, text }
  },
  function stolen({ stolenRatio: figure }) {
    if (figure === undefined || figure === null || figure <= BOUNDS.stolen) return null
    const text = `the host of this virtual machine gave ${percent(figure)} of its CPU time to others`
    return { check: 'stolen', figure, bound: BOUNDS.stolen, text }
  },
  function restarts({ restarts: figure }) {
    if (figure === 0) return null
    return { check: 'restarts', figure, bound: 0, text: `${counted(figure, 'restart')} of a part` }
  },
  function oomKills({ oomKills: figure }) {
    if (figure === 0) return null
    return { check: 'oom-kills', figure, bound: 0, text: counted(figure, 'out-of-memory kill') }
  },
  function noSteadyState({ drift: figure, all: { meanMs }, seconds, thinkMs, holdS }) {
    const noise = driftNoise(seconds)
    if (figure === null || noise === null || meanMs === null) return null
    const least = Math.max(BOUNDS.drift, BOUNDS.driftMs / meanMs)
    const cycleMs = meanMs + (thinkMs.min + thinkMs.max) / 2
    const ofCycle = (Math.abs(figure) * meanMs) / cycleMs
    const tells = ofCycle > BOUNDS.driftOfCycle && holdS >= BOUNDS.driftAnywayFromS
    const most = tells ? BOUNDS.driftAnyway : Infinity
    const bound = Math.max(least, Math.min(noise, most))
    if (Math.abs(figure) <= bound) return null
    const text = `latency drifted by ${percent(figure)} between the window's halves`
    return { check: 'drift', figure, bound, text: `${text} (noise explains ${percent(noise)})` }
  },
  function silence({ seconds }) {
    const figure = silentHalf(seconds)
    if (figure === null) return null
    const text = `no drift can be seen: a half of the window has ${counted(figure, 'second')} with a success, fewer than ${LEAST_SECONDS}`
    return { check: 'silence', figure, bound: LEAST_SECONDS, text }
  },
  function stall(stage) {
    const lost = mostLost(stage)
    if (lost === null) return null
    const { s, ofWaiting, mostS, ofWindow } = BOUNDS.stall
    const explained = Math.min(mostS, s + ofWaiting * lost.waiting)
    const bound = Math.max(explained, ofWindow * stage.seconds.length)
    // A window without a cycle has no bound.
    if (!(lost.lostS > bound)) return null
    const text = `a part stood still: within two seconds each user lost ${lost.lostS.toFixed(2)} s to what the rest of the window does not have`
    return { check: 'stall', figure: lost.lostS, bound, text }
  },
  function appIdle({ cpu: { app }, outcomes: { sent } }) {
    const figure = app?.usPerRequest ?? null
    if (figure === null || sent === 0) return null
    // With all that its clock may have missed: then it is certain, of however few requests.
    const most = figure + (app?.usMayMiss ?? BOUNDS.idleMissedUs / sent)
    if (most >= BOUNDS.idleUsPerRequest) return null
    const text = `the app used ${figure.toFixed(1)} us of CPU a request: another process answered`
    return { check: 'app-idle', figure, bound: BOUNDS.idleUsPerRequest, text }
  },
  function connections(stage, { mode }) {
    const {
      connectionsPerRequest: figure,
      outcomes: { sent },
    } = stage
    if (figure === null || mode === null) return null
    const [least, most] = openedForEach(stage)
    // Of a mode that keeps them: a pool that fills in a short window has some.
    const kept = Math.max(BOUNDS.kept, BOUNDS.keptInAll / Math.max(1, sent))
    const { perRequest } = BOUNDS
    const [low, high] =
      mode === 'per-request' ? [perRequest.low - 1 + least, perRequest.high - 1 + most] : [0, kept]
    if (figure >= low && figure <= high) return null
    const bound = figure < low ? low : high
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
  const { seconds } = stage
  if (seconds.length < LEAST_OF_STALL)
    missing.push(`stall: a window of under ${LEAST_OF_STALL} s is too short to tell`)
  if (seconds.length < 2 * LEAST_SECONDS)
    missing.push(`drift and silence: a window of under ${2 * LEAST_SECONDS} s is too short to tell`)
  return missing
}

const RUNNER_CHECKS: ReadonlySet<CheckId> = new Set([
  'client-cpu',
  'client-event-loop',
  'loader-edges',
  'think-time',
])

/** Was it the load generator that could not keep up, or that ran out of sockets? */
export function limitedByRunner({ all, outcomes, validity }: Stage): boolean {
  const failed = validity.reasons.some(({ check }) => check === 'errors')
  // A few beside a service that fails by itself are not what made the stage fail.
  const exhausted = (all.errors['client-exhausted'] ?? 0) > BOUNDS.errors * outcomes.sent
  return (failed && exhausted) || validity.reasons.some(({ check }) => RUNNER_CHECKS.has(check))
}
