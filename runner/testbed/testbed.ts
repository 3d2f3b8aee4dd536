import type { Environment } from '../measurement/environment.ts'
import type { RoundTrip } from '../measurement/trial.ts'
import type { Arm } from '../plan/arms.ts'
import type { ArmLimits } from '../plan/levels.ts'
import type { ScenarioDatabase } from '../scenario/scenario.ts'
import type { Observer } from '../telemetry/counters.ts'

/** Where the arms live. What differs between Compose, embedded and remote is behind this, and only this. */
export type Testbed = Readonly<{
  kind: Environment['testbed']
  /** The testbed in words that belong on every table, such as `no limits, no Nginx`. */
  label: string
  /** All arms that could be opened here. */
  arms: readonly Arm[]
  /** Of the arms that have none of their own; null where the kit has no access to it. */
  database: TestDatabase | null
  /** The one that this arm uses. */
  databaseOf(arm: Arm): TestDatabase | null
  /** null where the runner may change nothing of the hosts. */
  hosts: HostControl | null
  /** Variables that reach the arm here, with their values as far as the runner knows them. */
  given(arm: Arm): Readonly<Record<string, string>>
  /** Starts the arm, or waits until it is ready; gives up, and leaves nothing behind, at the signal. */
  open(arm: Arm, signal?: AbortSignal): Promise<OpenArm>
  environment(armNames: readonly string[]): Promise<EnvironmentOfTestbed>
  close(): Promise<void>
}>

/** What the runner may change of the application's host and the database's. */
export type HostControl = Readonly<{
  /** Cores that hosts and runner share, where that is less than the machine has; absent: all of it. */
  mostCores?: number
  /**
   * Ends the arm's process and starts a fresh one. It is not ready yet: `open` waits for that.
   *
   * @returns when it started, as RFC 3339
   */
  restartArm(name: string): Promise<string>
  /** @param name an arm, or `db` @returns null where it has none */
  limitsOf(name: string): Promise<HostLimits | null>
  /** What else it may use, where this testbed limits it. */
  otherLimitsOf(name: string): Promise<Pick<ArmLimits, 'memoryBytes' | 'pids'>>
  /** @throws if what is read back is not what was set */
  setLimits(name: string, limits: HostLimits): Promise<void>
}>

/** So many cores, given out again in each period. */
export type HostLimits = Readonly<{ cores: number; periodUs: number }>

/** The database that every trial gets fresh. */
export type TestDatabase = Readonly<{
  name: string
  /** Of a superuser, to a database that is never dropped; where the runner only reads, of any role, to any. */
  adminUrl: string
  /** Of the database that is dropped and recreated. */
  url: string
  /** Does nothing where the runner only reads. */
  recreate(): Promise<void>
  /** The query by which it is audited; null: it is not. */
  audit: string | null
}>

export type OpenArm = Readonly<{
  /** Where the journey starts, without a slash at the end. */
  url: string
  observer: Observer
  /** What the service says of itself; null if nothing. */
  version: string | null
  /** RFC 3339 UTC: when its process began; null where `open` did not start it. */
  startedAt: string | null
  /** ms. Median round trip to its database on the way that it goes; absent where it cannot be measured. */
  roundTripMs?: number
  /** Why it can answer no more, and where to look; null while it runs, or where nobody can tell. */
  died(): Promise<string | null>
  /** To the other hosts; absent where there is none. */
  roundTrips?(): Promise<readonly Omit<RoundTrip, 'afterMs'>[]>
  close(): Promise<void>
}>

/** What only the testbed can tell of what really ran. */
type EnvironmentOfTestbed = Pick<
  Environment,
  'engine' | 'compose' | 'parts' | 'limitCores' | 'partCores' | 'quotaCores' | 'hosts'
>

/** What a testbed is opened with. */
export type Opening = Readonly<{
  /** Of the scenario; null where that has none. */
  database: ScenarioDatabase | null
  /** Of what the reader of the results must know. */
  warn(warning: string): void
  /** Of what goes on just now. */
  say(text: string): void
  /** Ends the waiting for what is not ready. */
  signal?: AbortSignal | undefined
  /** Ids of the processes that share the users, where the runner does not drive the load itself. */
  loaders?: readonly number[] | undefined
}>
