import type pg from 'pg'
import type { Loaders } from '../load/loaders.ts'
import type { Configuration } from '../measurement/run.ts'
import type { Trial } from '../measurement/trial.ts'
import type { PlannedTrial } from '../plan/plan.ts'
import type { Clock } from './clock.ts'
import { connectionCounter, type ConnectionCounter } from '../telemetry/connections.ts'
import { closeClient, connectedClient, withConnection } from '../testbed/database.ts'
import type { TestDatabase, Testbed } from '../testbed/testbed.ts'
import { type Judgement, type Listener, runTrial, type TrialSetting } from './trial.ts'

export type ExperimentSetting = Readonly<{
  clock: Clock
  testbed: Testbed
  scenario: TrialSetting['scenario']
  beforeTrial?: TrialSetting['beforeTrial']
  configuration: Configuration
  /** The hosts of a study, where those of the run are fitted to be as fast. */
  studied?: TrialSetting['studied']
  /** Of the machine. */
  cores: number
  trials: readonly PlannedTrial[]
  /** Trials of the run that were over before, where it is resumed. */
  done: readonly Trial[]
  judgement: Judgement
  /** Processes that share the users; null: they are in this one. */
  loaders: Loaders | null
  /** ms. Of this event loop before any load, from `measureIdleDelay`. */
  idleDelayP99Ms: number
  keep: TrialSetting['keep']
  tell: Listener
  /** Keeps what a reader of the figures must know. */
  warn(warning: string): Promise<void>
  signal: AbortSignal
}>

/**
 * The whole experiment: one trial after another, never side by side. Yields each trial as it ends, so
 * that it can be kept before the next begins; stops after the one in which the signal came.
 */
export async function* runExperiment(setting: ExperimentSetting): AsyncGenerator<Trial> {
  const { testbed, trials, tell, signal } = setting
  const admins = new Map<string, AdminConnection>()
  const earlier = [...setting.done]
  try {
    for (const [at, planned] of trials.entries()) {
      if (signal.aborted) return
      const isNewRound = earlier.length > 0 && earlier.every(({ index }) => index < planned.index)
      if (isNewRound && setting.judgement.isOver(earlier)) return
      const arm = testbed.arms.find((known) => known.name === planned.arm)
      if (arm === undefined) throw new Error(`There is no arm ${planned.arm} on this testbed.`)
      const [of, after] = [setting.done.length + trials.length, trials.length - at - 1]
      tell({ kind: 'trial-started', trial: planned, of, after })
      const database = testbed.databaseOf(arm)
      const key = database?.adminUrl ?? ''
      const admin = await connected(admins.get(key) ?? null, database, setting.warn)
      if (admin === null) admins.delete(key)
      else admins.set(key, admin)
      const trial = await runTrial(planned, arm, {
        ...setting,
        connections: admin?.connections ?? null,
        earlier,
      })
      earlier.push(trial)
      tell({ kind: 'trial-ended', trial })
      yield trial
    }
  } finally {
    for (const { client } of admins.values()) await closeClient(client)
  }
}

type AdminConnection = Readonly<{
  client: pg.Client
  connections: ConnectionCounter | null
  /** Has the server, or the way to it, ended it? */
  isLost(): boolean
}>

/** ms. A server that does not say what it counted in that time says nothing. */
const COUNT_WITHIN_MS = 10_000

/**
 * One connection of the runner's own, held throughout, so that counting opens none; a new one where it
 * was lost. null where there is no database, or none that answers: the trial then says why.
 */
async function connected(
  known: AdminConnection | null,
  database: TestDatabase | null,
  warn: ExperimentSetting['warn'],
): Promise<AdminConnection | null> {
  if (known?.isLost() === false) return known
  if (known !== null) await closeClient(known.client)
  if (database === null) return null
  const client = await connectedClient(database.adminUrl, {
    queryTimeoutMs: COUNT_WITHIN_MS,
  }).catch(() => null)
  if (client === null) return null
  let lost = false
  client.on('error', () => (lost = true))
  client.on('end', () => (lost = true))
  try {
    const probe = () => withConnection(database.adminUrl, () => Promise.resolve())
    const counter = await connectionCounter(client, database.name, probe)
    if ('reason' in counter) await warn(counter.reason)
    return { client, connections: 'reason' in counter ? null : counter, isLost: () => lost }
  } catch {
    await closeClient(client)
    return null
  }
}
