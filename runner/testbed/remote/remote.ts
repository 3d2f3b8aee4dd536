import { serviceSql } from '../../kit.ts'
import { type Arm, DEFAULT_GROUP } from '../../plan/arms.ts'
import { readRunnerProcess } from '../../telemetry/processes.ts'
import { createDatabase, DATABASE, ensureSupported, waitUntilAnswering } from '../database.ts'
import { serviceVersion, waitUntilReady } from '../ready.ts'
import type { Testbed, TestDatabase } from '../testbed.ts'

/** Each target is an arm of its own; what it does with connections is its own affair. */
export function remoteArms(targets: readonly Readonly<{ name: string }>[]): Arm[] {
  const unknown = { mode: null, entry: null, environment: {}, groups: [DEFAULT_GROUP] }
  return targets.map(({ name }): Arm => ({ name, ...unknown }))
}

/**
 * The testbed for services that run elsewhere, on hosts of their own as the article's did. With the URL
 * of their database the kit makes it anew before each trial, counts its connections and audits it.
 */
export async function openRemote(
  targets: readonly Readonly<{ name: string; url: string }>[],
  databaseUrl: string | null,
): Promise<Testbed> {
  const database = databaseUrl === null ? null : await remoteDatabase(databaseUrl)
  const urls = new Map(targets.map((target) => [target.name, target.url]))
  return {
    kind: 'remote',
    label: 'remote: limits and CPU unknown to the kit',
    arms: remoteArms(targets),
    database,
    databaseOf: () => database,
    open: async (arm) => {
      const url = urls.get(arm.name) ?? ''
      await waitUntilReady(arm.name, url)
      return {
        url,
        version: await serviceVersion(url),
        // The runner is elsewhere than the service: its own way says nothing of the other.
        roundTripMs: null,
        observer: { read: () => Promise.resolve({ runner: readRunnerProcess() }) },
        died: () => Promise.resolve(null),
        close: async () => {},
      }
    },
    environment: () =>
      Promise.resolve({ engine: null, compose: null, parts: [], limitCores: null }),
    close: async () => {},
  }
}

/**
 * @param url of a superuser to the database of the services, which is DROPPED and made anew
 * @throws if it names one of the server's own databases, or the server is of a version too old
 */
async function remoteDatabase(url: string): Promise<TestDatabase> {
  const admin = new URL(url)
  const name = decodeURIComponent(admin.pathname.slice(1)) || DATABASE
  if (['postgres', 'template0', 'template1'].includes(name)) {
    throw new Error(
      `--database-url names the database ${name}: it would be dropped before each trial. ` +
        'Name the database of the services, such as postgres://…/commerce.',
    )
  }
  admin.pathname = '/postgres'
  await waitUntilAnswering(admin.href, { withinMs: 10_000 })
  await ensureSupported(admin.href)
  const sql = await serviceSql()
  return {
    name,
    adminUrl: admin.href,
    url,
    recreate: () => createDatabase({ adminUrl: admin.href, name, owner: null, sql }),
  }
}
