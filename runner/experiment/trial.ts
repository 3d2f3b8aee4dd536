import { startClosed } from '../load/closed.ts'
import type { Load } from '../load/load.ts'
import type { Loaders } from '../load/loaders.ts'
import type { Second } from '../measurement/figures.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Stage } from '../measurement/stage.ts'
import type { StudyHosts } from '../measurement/study.ts'
import type { ContractFailure, Mode, Trial } from '../measurement/trial.ts'
import type { Arm } from '../plan/arms.ts'
import { type PlannedTrial, trialSeed } from '../plan/plan.ts'
import type { Clock } from './clock.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { ConnectionCounter } from '../telemetry/connections.ts'
import type { Counters } from '../telemetry/counters.ts'
import { withProcesses } from '../telemetry/processes.ts'
import type { OpenArm, Testbed } from '../testbed/testbed.ts'
import { beforeTrial, BeforeTrialFailed } from '../testbed/before-trial.ts'
import { settle, warmProcess } from './before-load.ts'
import { drain, leavesQueue } from './drain.ts'
import { applyHosts, type FittingEvent, fitHosts, hostLimits, startAtFullSpeed } from './hosts.ts'
import { identify, NotItself, proveAgain } from './identity.ts'
import { readLimits, unconfirmedTrial } from './levels.ts'
import {
  limitsChanged,
  limitsOf,
  limitsToHold,
  limitsUnread,
  lostNotes,
  lostParts,
} from './read-back.ts'
import { type MeasuredStage, measureStage, messageOf, reasonsOf, withReasons } from './stage.ts'
import { stagePlans } from './stage-plans.ts'
import { auditInto, recreated, storedBefore } from './trial-audit.ts'
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
  /** Of a trial that has ended: those of its stages that do not stand are INVALID. */
  judgeTrial(trial: Trial): Trial
  /** Asked after each whole round: is what was asked for known, so that no more trials are needed? */
  isOver(trials: readonly Trial[]): boolean
  checkContract(url: string): Promise<ContractFailure[]>
}>

export type TrialSetting = Readonly<{
  clock: Clock
  testbed: Testbed
  scenario: Pick<Scenario, 'journey' | 'source'>
  configuration: Configuration
  studied?: StudyHosts | undefined
  cores: number
  judgement: Judgement
  /** Command of the shell that resets the service before a trial; absent: there is none. */
  beforeTrial?: string | null | undefined
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
  const { trial: how, opened } = await outcome(trial, arm, setting)
  // What was measured is not lost by what cannot be closed.
  await opened?.close().catch((error: unknown) => {
    note(trial, `it could not be closed: ${messageOf(error)}`)
  })
  return setting.judgement.judgeTrial({ ...trial, ...how })
}

type Outcome = Readonly<{ trial: Pick<Trial, 'state' | 'abortedBy' | 'problem'>; opened?: OpenArm }>

/** Fills the trial as it goes. @returns how it ended, and the arm that is still open */
async function outcome(trial: Trial, arm: Arm, setting: TrialSetting): Promise<Outcome> {
  const { testbed, judgement, tell, signal } = setting
  let opened: OpenArm | undefined
  const ended = (how: Outcome['trial']): Outcome => ({ trial: how, ...(opened ? { opened } : {}) })
  try {
    setting.loaders?.check()
    await fitHosts(trial, setting)
    if (setting.beforeTrial) await beforeTrial(setting.beforeTrial, arm.name, signal)
    const database = testbed.databaseOf(arm)
    if (database !== null) await unlessAborted(recreated(database), signal)
    opened = await openFresh(trial, arm, setting)
    trial.version = opened.version
    if (opened.roundTripMs !== undefined) trial.roundTripMs = opened.roundTripMs
    trial.identity = await identify(arm, opened.url, setting)
    trial.contractFailures = await unlessAborted(judgement.checkContract(opened.url), signal)
    if (trial.contractFailures.length > 0) {
      const { arm: name, index, order, contractFailures: failures } = trial
      tell({ kind: 'contract-failed', trial: { arm: name, index, order }, failures })
      const problem = 'The arm breaks the contract.'
      return ended({ state: 'aborted', abortedBy: 'contract', problem })
    }
    await measure(trial, arm, opened, setting)
    return ended({ state: 'complete' })
  } catch (error) {
    // What it is counts, whoever ended the run meanwhile: of another service no stage stands.
    const cause = causeOf(error)
    const isEnded = signal.aborted && cause === 'other'
    const problem = isEnded ? interruption(signal) : messageOf(error)
    return ended({ state: 'aborted', abortedBy: cause, problem })
  }
}

class AuditFailed extends Error {}

function causeOf(error: unknown): NonNullable<Trial['abortedBy']> {
  if (error instanceof NotItself) return 'identity'
  if (error instanceof BeforeTrialFailed) return 'before-trial'
  return error instanceof AuditFailed ? 'audit' : 'other'
}

/** What ended the run from outside: a signal, or an error that nobody waited for. */
const interruption = ({ reason }: AbortSignal): string =>
  reason instanceof Error && reason.name !== 'AbortError' ? reason.message : 'Interrupted.'

const note = (trial: Trial, text: string): void => {
  trial.notes = [...(trial.notes ?? []), text]
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
  const before = await storedBefore(database)
  const loads: Load[] = []
  if (configuration.startS) loads.push(await warmProcess(url, trial, setting))
  const { hosts } = configuration
  const ownHosts = hosts && { ...hosts, ...trial.hosts }
  if (ownHosts) await applyHosts(testbed, arm, ownHosts)
  const armLimits = await readLimits(testbed, arm.name)
  if (armLimits !== null) trial.armLimits = armLimits
  const host = await settle(setting.clock, setting.signal)
  trial.host = host
  const distances = await roundTrips?.()
  const { loaders, scenario } = setting
  const { journey } = scenario
  const { signIn = false } = configuration
  const options = { url, thinkMs, timeoutMs, seed, signIn }
  const load =
    loaders?.start({ ...options, scenario: scenario.source }) ??
    startClosed({ ...options, journey })
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
  const began = await observer.read()
  const own = limitsOf(began)
  const known = setting.earlier.find((other) => other.arm === trial.arm && other.limits)?.limits
  const limits = limitsToHold(own, known ?? {}, ownHosts ? hostLimits(arm, ownHosts) : null)
  trial.limits = own
  const unread = testbed.hosts === null ? null : limitsUnread(own)
  if (unread !== null) note(trial, unread)
  const lost: { users: number; parts: string[] }[] = []
  const stages = async (): Promise<void> => {
    const earlier = setting.earlier.filter((other) => other.arm === trial.arm)
    const nextProbe = () => judgement.nextProbe(trial.stages, earlier)
    for (const plan of stagePlans(configuration, trial.stages, nextProbe, trial.index)) {
      await drained(trial, {
        clock: setting.clock,
        load,
        url,
        timeoutMs,
        journey,
        signal: setting.signal,
      })
      const lengthMs = plan.warmUpMs + plan.holdMs
      tell({ kind: 'stage-started', users: plan.users, stageKind: plan.kind, lengthMs })
      const measured = await measureStage(plan, instruments)
      lost.push({ users: plan.users, parts: lostParts(began, measured.readings) })
      const reason = await died()
      // It is kept after its proof: of what another answered there is nothing to keep.
      if (reason === null && trial.identity) {
        const held = trial.stages.length + 1
        trial.identity = await proveAgain(trial.identity, arm, url, held, setting)
      }
      const doubt = unconfirmedTrial(arm, trial, testbed, setting.earlier)
      const stage = withReasons(judgement.judge(measured.stage, arm.mode), [
        ...reasonsOf('figures', measured.missing),
        ...reasonsOf('settings', doubt === null ? [] : [doubt]),
        ...limitsChanged(limits, measured.readings),
      ])
      trial.stages.push(stage)
      await setting.keep(trial, measured)
      tell({ kind: 'stage-ended', stage })
      if (reason !== null) throw new Error(`It ended at ${plan.users} users: ${reason}`)
    }
  }
  try {
    await stages()
  } catch (error) {
    await load.stop()
    // What ended the trial is its problem, whatever can still be read of it.
    await auditInto(trial, loads, before, database).catch(() => {})
    throw error
  } finally {
    for (const text of lostNotes(lost)) note(trial, text)
  }
  await load.stop()
  trial.host = { ...host, yardstickAfterMs: setting.clock.yardstickMs() }
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
    throw new AuditFailed('The audit failed: orders were lost, doubled or oversold. See `audit`.')
  }
}

/** What users of the stage before gave up waiting for is not to be waited for by those of the next. */
async function drained(trial: Trial, setting: Parameters<typeof drain>[0]): Promise<void> {
  const last = trial.stages.at(-1)
  if (last === undefined || !leavesQueue(last) || (await drain(setting))) return
  note(
    trial,
    `the queue that the stage of ${last.users} users left was not empty before the next stage began, which ` +
      'may have waited for it: give it a longer --warm-up',
  )
}

/** What the experiment tells whoever looks on: progress and results are made of these alone. */
export type ExperimentEvent =
  /** `of` so many of the whole run, with `after` of them still to come in this process. */
  | Readonly<{ kind: 'trial-started'; trial: PlannedTrial; of: number; after: number }>
  | FittingEvent
  | Readonly<{ kind: 'contract-failed'; trial: PlannedTrial; failures: readonly ContractFailure[] }>
  | Readonly<{ kind: 'stage-started'; users: number; stageKind: Stage['kind']; lengthMs: number }>
  | Readonly<{ kind: 'reading'; reading: Counters; before: Counters }>
  | Readonly<{ kind: 'stage-ended'; stage: Stage }>
  | Readonly<{ kind: 'trial-ended'; trial: Trial }>

export type Listener = (event: ExperimentEvent) => void
