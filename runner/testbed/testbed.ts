import type { Environment } from '../measurement/environment.ts'
import type { Arm } from '../plan/arms.ts'
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
  /** Starts the arm, or waits until it is ready. */
  open(arm: Arm): Promise<OpenArm>
  environment(armNames: readonly string[]): Promise<EnvironmentOfTestbed>
  close(): Promise<void>
}>

/** The database that every trial gets anew. */
export type TestDatabase = Readonly<{
  name: string
  /** Of a superuser, to a database that is never dropped. */
  adminUrl: string
  /** Of the database that is dropped and made anew. */
  url: string
  recreate(): Promise<void>
}>

export type OpenArm = Readonly<{
  /** Where the journey starts, without a slash at the end. */
  url: string
  observer: Observer
  /** What the service says of itself; null if nothing. */
  version: string | null
  /** ms. Median round trip to its database on the way that it goes; null where that cannot be measured. */
  roundTripMs: number | null
  /** Why it can answer no more, and where to look; null while it runs, or where nobody can tell. */
  died(): Promise<string | null>
  close(): Promise<void>
}>

/** What only the testbed can tell of what really ran. */
type EnvironmentOfTestbed = Pick<Environment, 'engine' | 'compose' | 'parts' | 'limitCores'>
