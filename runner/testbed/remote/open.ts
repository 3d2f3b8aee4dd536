import { type Arm, DEFAULT_GROUP } from '../../plan/arms.ts'
import type { ScenarioDatabase } from '../../scenario/scenario.ts'
import { observeHosts } from '../../telemetry/host-window.ts'
import { lockedDatabase } from '../database-lock.ts'
import { createDatabase, ensureSupported, waitUntilAnswering } from '../database.ts'
import { endOfWatched, hostsOf, partsOf, roundTripsTo } from '../watched.ts'
import { serviceVersion, waitUntilReady } from '../ready.ts'
import type { Opening, Testbed, TestDatabase } from '../testbed.ts'
import { checkWatched, partAt, partsUnderLoad, watchedAt } from './parts.ts'

/** Each target is an arm of its own; what it does with connections is its own affair. */
export function remoteArms(targets: readonly Readonly<{ name: string }>[]): Arm[] {
  const unknown = { mode: null, entry: null, environment: {}, groups: [DEFAULT_GROUP] }
  return targets.map(({ name }): Arm => ({ name, ...unknown }))
}

/**
 * The testbed for services that run elsewhere, on hosts of their own. With the URL
 * of their database the kit recreates it before each trial, counts its connections and audits it.
 */
export async function openRemote(
  targets: readonly Readonly<{ name: string; url: string }>[],
  databaseUrl: string | null,
  stats: readonly Readonly<{ name: string; url: string }>[],
  { signal, say, database: scenario }: Opening,
): Promise<Testbed> {
  const unlocked = databaseUrl === null ? null : await remoteDatabase(databaseUrl, scenario, signal)
  if (unlocked !== null) {
    const { host } = new URL(unlocked.adminUrl)
    say(`The database ${unlocked.name} at ${host} is DROPPED and created again before each trial.`)
  }
  const urls = new Map(targets.map((target) => [target.name, target.url]))
  const watched = new Map(stats.map(({ name, url }) => [name, watchedAt(url)]))
  await Promise.all([...watched].map(([name, part]) => checkWatched(name, part)))
  const windows = new Map([...watched.values()].map(({ host, window }) => [host, window]))
  // Last, so that nothing fails while it is held.
  const database = unlocked && (await lockedDatabase(unlocked))
  return {
    kind: 'remote',
    label:
      watched.size === 0
        ? 'remote: limits and CPU unknown to the kit'
        : `remote: CPU and limits of ${[...watched.keys()].toSorted().join(', ')} from windows on their hosts`,
    arms: remoteArms(targets),
    database,
    databaseOf: () => database,
    hosts: null,
    given: () => ({}),
    open: async (arm, until) => {
      const url = urls.get(arm.name) ?? ''
      await waitUntilReady(arm.name, url, { signal: until })
      return {
        url,
        version: await serviceVersion(url),
        startedAt: null,
        observer: observeHosts({
          ...partAt('app', watched.get(arm.name)),
          ...partAt('db', watched.get('db')),
          ...partAt('nginx', watched.get('nginx')),
        }),
        died: async () => {
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
    close: async () => database?.release(),
  }
}

/**
 * @param url of a superuser to the database of the services, which is DROPPED and recreated
 * @throws if it names one of the server's own databases, or the server is of a version too old
 */
async function remoteDatabase(
  url: string,
  scenario: ScenarioDatabase | null,
  signal?: AbortSignal,
): Promise<TestDatabase> {
  if (scenario === null)
    throw new Error(
      '--database-url: the scenario does not say how its database is made. Leave it out.',
    )
  const admin = new URL(url)
  const name = decodeURIComponent(admin.pathname.slice(1))
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
