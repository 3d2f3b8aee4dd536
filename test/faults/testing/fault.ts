import type { StartedTestContainer } from 'testcontainers'
import type { Mode } from '../../../services/commerce/config.ts'
import type { Stand } from './stand.ts'

/** What a fault can lay hands on while the load goes on. */
export type Scene = Readonly<{
  stand: Stand
  mode: Mode
  service: StartedTestContainer
  /** Nginx, where the load goes through it. */
  frontDoor: StartedTestContainer | undefined
  /** To be called when the service was started again: it may be published elsewhere. */
  moved(): Promise<void>
}>

export type Fault = Readonly<{
  name: string
  /** What clients may see of it besides orders placed (201, 200) and stock sold out (409). */
  allowed: readonly string[]
  /** One of these must have been seen, or the fault was none. */
  felt: readonly string[]
  /** The load goes through Nginx. */
  throughNginx?: true
  /** Its process is meant to end, and another to start. */
  endsService?: true
  /** Orders of before are gone with their database. */
  dropsOrders?: true
  /** A request that is taken up is answered, whatever happens. */
  answersAll?: true
  /** Does it; resolves as soon as the cause is gone. */
  strike(scene: Scene): Promise<void>
}>

/** Failures with a body that says so. */
export const PROBLEMS = ['503', '504']
