import { setTimeout as delay } from 'node:timers/promises'
import { outcomesOf } from '../load/figures.ts'
import { commerceJourney } from '../load/journey.ts'
import { type Load, startLoad } from '../load/load.ts'
import type { Loaders } from '../load/loaders.ts'
import type { Second } from '../measurement/figures.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Reason, Stage } from '../measurement/stage.ts'
import type { ContractFailure, HostState, Mode, Trial } from '../measurement/trial.ts'
import type { Arm } from '../plan/arms.ts'
import { type PlannedTrial, trialSeed } from '../plan/plan.ts'
import type { ConnectionCounter } from '../telemetry/connections.ts'
import type { Counters } from '../telemetry/counters.ts'
import { busyRatio, readHostTicks } from '../telemetry/host-ticks.ts'
import { withProcesses } from '../telemetry/processes.ts'
import { yardstickMs } from '../telemetry/yardstick.ts'
import { judgeStored, readStored } from '../testbed/audit.ts'
import type { OpenArm, TestDatabase, Testbed } from '../testbed/testbed.ts'
import { applyHosts, type FittingEvent, fitHosts, startAtFullSpeed } from './hosts.ts'
import { identify, proveAgain } from './identity.ts'
import { type MeasuredStage, measureStage, messageOf } from './stage.ts'
import { stagePlans } from './stage-plans.ts'
import { unlessAborted } from './unless-aborted.ts'

/** What the loop is given to decide with: pure functions, so that it depends on no analysis. */
export type Judgement = Readonly<{
  /** Completes a measured stage with drift and validity. */
  judge(stage: MeasuredStage['stage'], mode: Mode | null): Stage
  /**
   * The number of users to probe next in the search for the crossing; null when it is over.
   * @param earlier trials of the same arm
   */
  nextProbe(stages: readonly Stage[], earlier: readonly Trial[]): number | null
  /** Is a number of users past its transient? @param thinkMs mean */
  isSettled(seconds: readonly Second[], thinkMs: number): boolean
  /** Is the mean of a window known well enough? */
  isPrecise(seconds: readonly Second[], thinkMs: number): boolean
  /** Asked after each whole round: is what was asked for known, so that no more trials are needed? */
  isOver(trials: readonly Trial[]): boolean
  checkContract(url: string): Promise<ContractFailure[]>
}>

export type TrialSetting = Readonly<{
  testbed: Testbed
  configuration: Configuration
  cores: number
  judgement: Judgement
  /** Processes that share the users; null: they are in this one. */
  loaders: Loaders | null
  connections: ConnectionCounter | null
  idleDelayP99Ms: number
  /** Trials of the run that are over. */
  earlier: readonly Trial[]
  tell: Listener
  /** Keeps the raw records of a stage before the next begins. */
  keep(trial: Trial, measured: MeasuredStage): Promise<void>
  signal: AbortSignal
}>

/**
 * Takes one arm through the ramp on a database created for it.
 *
 * An arm that breaks the contract or its audit, that cannot be opened or that dies is an outcome of the
 * trial; an abort by the signal ends it with the stages it has.
 */
export async function runTrial(
  planned: PlannedTrial,
  arm: Arm,
  setting: TrialSetting,
): Promise<Trial> {
  const trial: Trial = {
    ...planned,
    startedAt: new Date().toISOString(),
    state: 'running',
    version: null,
    contractFailures: [],
    stages: [],
    audit: null,
  }
  const { testbed, judgement, tell } = setting
  let opened: OpenArm | undefined
  try {
    const { signal } = setting
    await fitHosts(trial, setting)
    const database = testbed.databaseOf(arm)
    if (database !== null) await unlessAborted(recreated(database), signal)
    opened = await openFresh(trial, arm, setting)
    trial.version = opened.version
    if (opened.roundTripMs !== undefined) trial.roundTripMs = opened.roundTripMs
    trial.identity = await identify(arm, opened.url, setting)
    trial.contractFailures = await unlessAborted(judgement.checkContract(opened.url), signal)
    if (trial.contractFailures.length > 0) {
      tell({ kind: 'contract-failed', trial: planned, failures: trial.contractFailures })
      return { ...trial, state: 'aborted', problem: 'The arm breaks the contract.' }
    }
    await measure(trial, arm, opened, setting)
    return { ...trial, state: 'complete' }
  } catch (error) {
    const problem = setting.signal.aborted ? 'Interrupted.' : messageOf(error)
    return { ...trial, state: 'aborted', problem }
  } finally {
    await opened?.close()
  }
}

/** A fresh process of the arm, ready; at full speed, where this run limits its hosts. */
async function openFresh(
  trial: Trial,
  arm: Arm,
  { testbed, configuration: { hosts }, signal }: TrialSetting,
): Promise<OpenArm> {
  if (hosts) await startAtFullSpeed(testbed, arm, hosts)
  const startedAt = await testbed.hosts?.restartArm(arm.name)
  if (startedAt !== undefined) trial.armStartedAt = startedAt
  const opened = await testbed.open(arm, signal)
  if (opened.startedAt !== null) trial.armStartedAt = opened.startedAt
  return opened
}

/** Fills `trial.stages` and `trial.audit` as it goes, so that an abort keeps what there is. */
async function measure(
  trial: Trial,
  arm: Arm,
  { url, observer, died, roundTrips }: OpenArm,
  setting: TrialSetting,
): Promise<void> {
  const { configuration, judgement, testbed, tell } = setting
  const { thinkMs, timeoutMs } = configuration
  const seed = trialSeed(configuration.seed, trial.order)
  const database = testbed.databaseOf(arm)
  const before = database === null ? null : await readStored(auditUrl(database))
  const loads: Load[] = []
  if (configuration.startS) loads.push(await warmProcess(url, trial, setting))
  const { hosts } = configuration
  if (hosts) await applyHosts(testbed, arm, { ...hosts, ...trial.hosts })
  const host = await settle(setting.signal)
  trial.host = host
  const distances = await roundTrips?.()
  const { loaders } = setting
  const options = { url, thinkMs, timeoutMs, seed }
  const load = loaders?.start(options) ?? startLoad({ ...options, journey: commerceJourney })
  loads.push(load)
  const instruments = {
    ...setting,
    isSettled: judgement.isSettled,
    isPrecise: judgement.isPrecise,
    load,
    observer: loaders === null ? observer : withProcesses(observer, () => loaders.usage()),
    onReading: (reading: Counters, last: Counters) =>
      tell({ kind: 'reading', reading, before: last }),
  }
  const stages = async (): Promise<void> => {
    const earlier = setting.earlier.filter((other) => other.arm === trial.arm)
    const nextProbe = () => judgement.nextProbe(trial.stages, earlier)
    for (const plan of stagePlans(configuration, trial.stages, nextProbe)) {
      const lengthMs = plan.warmUpMs + plan.holdMs
      tell({ kind: 'stage-started', users: plan.users, stageKind: plan.kind, lengthMs })
      const measured = await measureStage(plan, instruments)
      const stage = withMissing(judgement.judge(measured.stage, arm.mode), measured.missing)
      trial.stages.push(stage)
      await setting.keep(trial, measured)
      tell({ kind: 'stage-ended', stage })
      const reason = await died()
      if (reason !== null) throw new Error(`It ended at ${plan.users} users: ${reason}`)
      if (trial.identity) trial.identity = await proveAgain(trial.identity, arm, url, setting)
    }
  }
  try {
    await stages()
  } catch (error) {
    await load.stop()
    // What ended the trial is its problem, whatever can still be read of it.
    await auditInto(trial, loads, before, database).catch(() => {})
    throw error
  }
  await load.stop()
  trial.host = { ...host, yardstickAfterMs: yardstickMs() }
  if (distances !== undefined) {
    const after = await roundTrips?.()
    trial.roundTrips = distances.map((way) => ({
      ...way,
      afterMs:
        after?.find(({ host: to, from }) => to === way.host && from === way.from)?.beforeMs ?? null,
    }))
  }
  await auditInto(trial, loads, before, database)
  if (trial.audit?.passed === false) {
    throw new Error('The audit failed: orders were lost, doubled or oversold. See `audit`.')
  }
}

/** More than a service has workers or connections, so that it never waits for a user. */
const WARM_UP_USERS = 40

/**
 * A fresh process compiles what it runs, by how often that ran: ten thousand requests and more until what one costs
 * is even, or a thousand where each opens a connection. On a slow host that would take whole stages. So users who
 * never pause make it at full speed, and what they read is in no figure but their number; their orders are audited.
 *
 * @returns the load, which has ended
 */
async function warmProcess(
  url: string,
  trial: Trial,
  { configuration: { seed, startS = 0, timeoutMs }, signal }: TrialSetting,
): Promise<Load> {
  // Its journeys are not those of the stages.
  const options = {
    url,
    thinkMs: { min: 0, max: 0 },
    timeoutMs,
    seed: ~trialSeed(seed, trial.order) >>> 0,
  }
  const load = startLoad({ ...options, journey: commerceJourney })
  try {
    load.openWindow()
    await load.setUsers(WARM_UP_USERS)
    await delay(startS * 1000, undefined, { signal })
    await load.setUsers(0)
    // Until all that was sent is answered.
    const window = await unlessAborted(load.closeWindow(), signal)
    trial.warmUpRequests = outcomesOf(window).succeeded
  } finally {
    await load.stop()
  }
  return load
}

/** A stage that lacks a figure which the run has elsewhere is no measurement. */
function withMissing(stage: Stage, missing: readonly string[]): Stage {
  if (missing.length === 0) return stage
  const reasons = missing.map((text): Reason => ({ check: 'figures', figure: 0, bound: 0, text }))
  return { ...stage, validity: { valid: false, reasons: [...stage.validity.reasons, ...reasons] } }
}

async function auditInto(
  trial: Trial,
  loads: readonly Load[],
  before: Awaited<ReturnType<typeof readStored>> | null,
  database: TestDatabase | null,
): Promise<void> {
  if (before === null || database === null) return
  const totals = loads.map((load) => load.totals())
  const acknowledged = totals.reduce((sum, { ordersAcknowledged }) => sum + ordersAcknowledged, 0)
  const inDoubt = totals.reduce((sum, { ordersInDoubt }) => sum + ordersInDoubt, 0)
  const after = await described('The orders could not be audited', readStored(auditUrl(database)))
  trial.audit = judgeStored(before, after, { acknowledged, inDoubt })
}

/** As a superuser: the services may hold every connection that is not kept for one. */
function auditUrl({ adminUrl, name }: TestDatabase): string {
  const url = new URL(adminUrl)
  url.pathname = `/${encodeURIComponent(name)}`
  return url.href
}

const recreated = (database: TestDatabase): Promise<void> =>
  described('The database could not be recreated', database.recreate())

async function described<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw new Error(`${what}: ${messageOf(cause)}.`, { cause })
  }
}

/** ms. Long beside a tick of /proc/stat (10 ms), short beside a trial. */
const SETTLE_MS = 2_000

/**
 * The pause before a trial's load, for what the database's making and the arm's start left to be done;
 * in it nothing of the kit works, so what the machine does then is somebody else's.
 *
 * @throws AbortError when the signal comes
 */
async function settle(signal: AbortSignal): Promise<HostState> {
  const from = await readHostTicks()
  await delay(SETTLE_MS, undefined, { signal })
  const to = await readHostTicks()
  return {
    busyRatio: busyRatio(from, to),
    yardstickBeforeMs: yardstickMs(),
    yardstickAfterMs: null,
  }
}

/** What the experiment tells whoever looks on: progress and results are made of these alone. */
export type ExperimentEvent =
  | Readonly<{ kind: 'trial-started'; trial: PlannedTrial; of: number }>
  | FittingEvent
  | Readonly<{ kind: 'contract-failed'; trial: PlannedTrial; failures: readonly ContractFailure[] }>
  | Readonly<{ kind: 'stage-started'; users: number; stageKind: Stage['kind']; lengthMs: number }>
  | Readonly<{ kind: 'reading'; reading: Counters; before: Counters }>
  | Readonly<{ kind: 'stage-ended'; stage: Stage }>
  | Readonly<{ kind: 'trial-ended'; trial: Trial }>

export type Listener = (event: ExperimentEvent) => void
