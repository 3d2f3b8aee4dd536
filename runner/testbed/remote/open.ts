import { type Arm, DEFAULT_GROUP } from '../../plan/arms.ts'
import type { ScenarioDatabase } from '../../scenario/scenario.ts'
import { observeHosts } from '../../telemetry/host-window.ts'
import { observeProcesses } from '../../telemetry/processes.ts'
import { lockedDatabase } from '../database-lock.ts'
import { createDatabase, ensureSupported, waitUntilAnswering } from '../database.ts'
import { endOfWatched, hostsOf, partsOf, roundTripsTo } from '../watched.ts'
import { serviceVersion, waitUntilReady } from '../ready.ts'
import type { Opening, Testbed, TestDatabase } from '../testbed.ts'
import { checkWatched, isRunning, partAt, partsUnderLoad, watchedAt } from './parts.ts'

/** Each target is an arm of its own; what it does with connections is its own affair. */
export function remoteArms(targets: readonly Readonly<{ name: string }>[]): Arm[] {
  const unknown = { mode: null, entry: null, environment: {}, groups: [DEFAULT_GROUP] }
  return targets.map(({ name }): Arm => ({ name, ...unknown }))
}

type Named = Readonly<{ name: string; url: string }>

export type RemoteOptions = Readonly<{
  targets: readonly Named[]
  databaseUrl: string | null
  stats: readonly Named[]
  /** Process of the one target, on this machine; null: not known. */
  pid: number | null
  /** Do they answer on /readyz, as the contract has it? */
  keepsContract: boolean
}>

/**
 * The testbed for services that run elsewhere, on hosts of their own. With the URL
 * of their database the kit recreates it before each trial, counts its connections and audits it; where the scenario
 * does not say how it is made, it counts them and changes nothing.
 */
export async function openRemote(
  { targets, databaseUrl, stats, pid, keepsContract }: RemoteOptions,
  { signal, say, database: scenario }: Opening,
): Promise<Testbed> {
  const watching = databaseUrl === null ? null : await remoteDatabase(databaseUrl, scenario, signal)
  const unlocked = scenario === null ? null : watching
  if (unlocked !== null) {
    const { host } = new URL(unlocked.adminUrl)
    say(`The database ${unlocked.name} at ${host} is DROPPED and created again before each trial.`)
  }
  const urls = new Map(targets.map((target) => [target.name, target.url]))
  const watched = new Map(stats.map(({ name, url }) => [name, watchedAt(url)]))
  await Promise.all([...watched].map(([name, part]) => checkWatched(name, part)))
  const windows = new Map([...watched.values()].map(({ host, window }) => [host, window]))
  // Last, so that nothing fails while it is held.
  const locked = unlocked && (await lockedDatabase(unlocked))
  const database = locked ?? watching
  return {
    kind: 'remote',
    label:
      watched.size === 0
        ? `remote: ${pid === null ? 'limits and CPU' : 'limits'} unknown to the kit`
        : `remote: CPU and limits of ${[...watched.keys()].toSorted().join(', ')} from windows on their hosts`,
    arms: remoteArms(targets),
    database,
    databaseOf: () => database,
    hosts: null,
    given: () => ({}),
    open: async (arm, until) => {
      const url = urls.get(arm.name) ?? ''
      if (keepsContract) await waitUntilReady(arm.name, url, { signal: until })
      else
        await waitUntilReady(arm.name, url, { signal: until, path: '/healthz', isReady: answers })
      return {
        url,
        version: await serviceVersion(url),
        startedAt: null,
        observer:
          pid !== null
            ? observeProcesses({ app: pid, db: null })
            : observeHosts({
                ...partAt('app', watched.get(arm.name)),
                ...partAt('db', watched.get('db')),
                ...partAt('nginx', watched.get('nginx')),
              }),
        died: async () => {
          if (pid !== null && !isRunning(pid)) return `the process ${pid} has ended`
          const own = watched.get(arm.name)
          return own === undefined ? null : await endOfWatched(own)
        },
        ...(windows.size === 0 ? {} : { roundTrips: () => roundTripsTo(windows) }),
        close: async () => {},
      }
    },
    environment: async (armNames) => {
      const parts = partsUnderLoad(watched, armNames)
      const first = parts[0] && (await parts[0].window.read(parts[0].container))
      return {
        engine: first?.engine ?? null,
        compose: null,
        parts: await partsOf(parts),
        limitCores: null,
        ...(windows.size === 0 ? {} : { hosts: await hostsOf(windows) }),
      }
    },
    close: async () => locked?.release(),
  }
}

/** What starts answers nothing, or lets a proxy answer for it; what has no such path answers that. */
const answers = (status: number): boolean => ![502, 503, 504].includes(status)

/**
 * @param url of a superuser to the database of the services, which is DROPPED and recreated; of any role where the
 *   scenario is null: nothing is changed then
 * @throws if it names one of the server's own databases, or the server is of a version too old
 */
async function remoteDatabase(
  url: string,
  scenario: ScenarioDatabase | null,
  signal?: AbortSignal,
): Promise<TestDatabase> {
  const admin = new URL(url)
  const name = decodeURIComponent(admin.pathname.slice(1))
  if (scenario === null) {
    await waitUntilAnswering(url, { withinMs: 10_000, signal })
    await ensureSupported(url)
    return { name, adminUrl: url, url, recreate: async () => {}, audit: null }
  }
  if (['postgres', 'template0', 'template1'].includes(name)) {
    throw new Error(
      `--database-url names the database ${name}: it would be dropped before each trial. ` +
        'Name the database of the services, such as postgres://…/commerce.',
    )
  }
  admin.pathname = '/postgres'
  await waitUntilAnswering(admin.href, { withinMs: 10_000, signal })
  await ensureSupported(admin.href)
  return {
    name,
    adminUrl: admin.href,
    url,
    recreate: () => createDatabase({ adminUrl: admin.href, name, owner: null, sql: scenario.sql }),
    audit: scenario.audit,
  }
}
