import { readFile } from 'node:fs/promises'
import type { Arm } from '../../plan/arms.ts'
import { fixedVariables } from '../../plan/levels.ts'
import { observeHosts } from '../../telemetry/host-window.ts'
import { lockedDatabase } from '../database-lock.ts'
import { testDatabase, waitUntilAnswering } from '../database.ts'
import { hostsOf, partsOf, roundTripsTo, type WatchedPart } from '../watched.ts'
import { serverVersion, serviceVersion, waitUntilReady } from '../ready.ts'
import type { Opening, Testbed } from '../testbed.ts'
import { endOfAny } from './died.ts'
import { awaitParts } from './parts.ts'

/** What stack.yaml tells the runner of the stack it runs in. */
export type SwarmSettings = Readonly<{
  frontDoor: string
  /** Of all windows: a name that stands for one address on each host. */
  windows: URL
  databaseHost: string
  passwordFile: string
}>

/** @throws naming the variable that is missing: the runner was not started by stack.yaml */
export function readSwarmSettings(env: NodeJS.ProcessEnv): SwarmSettings {
  const needed = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new Error(`${name} is not set: start the runner with scripts/three-hosts/run.`)
  }
  return {
    frontDoor: needed('FRONT_DOOR'),
    windows: new URL(needed('STATS_WINDOW')),
    databaseHost: needed('DB_HOST'),
    passwordFile: needed('DB_PASSWORD_FILE'),
  }
}

const READY_WITHIN_MS = 120_000

/**
 * The testbed of stack.yaml: the load, the application and the database on hosts of their own. Each host
 * has a window, and each part is read from the window of the host that it is on.
 *
 * @throws naming the host whose window does not answer, the part that is not there, or the role that is on
 *   two hosts
 */
export async function openSwarm(
  settings: SwarmSettings,
  arms: readonly Arm[],
  asked: readonly string[],
  { say, database: scenario }: Pick<Opening, 'say' | 'database'>,
): Promise<Testbed> {
  const password = (await readFile(settings.passwordFile, 'utf8')).trim()
  const adminUrl = `postgres://postgres:${password}@${settings.databaseHost}:5432/postgres`
  const { windows, watched } = await awaitParts(settings.windows, asked, say)
  await waitUntilAnswering(adminUrl, { withinMs: READY_WITHIN_MS })
  const urlOf = (arm: string): string => `${settings.frontDoor}/${arm}`
  const ready = { path: '/healthz', withinMs: READY_WITHIN_MS } as const
  // A front door that was there before an arm finds it within half a minute.
  await Promise.all(asked.map((arm) => waitUntilReady(arm, urlOf(arm), ready)))
  const database = await lockedDatabase(testDatabase(adminUrl, password, scenario))
  return {
    kind: 'swarm',
    label: 'Docker Swarm: the load, the application and the database on hosts of their own',
    arms,
    database,
    databaseOf: () => database,
    hosts: null,
    given: fixedVariables,
    open: async (arm, signal) => {
      const url = urlOf(arm.name)
      await waitUntilReady(arm.name, url, { signal })
      const parts = { app: watched(arm.name), db: watched('db'), nginx: watched('nginx') }
      return {
        url,
        version: await serviceVersion(url),
        startedAt: null,
        observer: observeHosts(parts),
        died: async () => await endOfAny(parts),
        roundTrips: () => roundTripsTo(windows, [{ from: 'app', to: 'db' }]),
        close: async () => {},
      }
    },
    environment: async (armNames) => {
      const versions: Readonly<Record<string, string | null>> = {
        db: await serverVersion(adminUrl),
        bench: `node ${process.versions.node}`,
      }
      const named = [
        ...armNames.map((name) => ['app', name] as const),
        ['db', 'db'] as const,
        ['nginx', 'nginx'] as const,
        ['runner', 'bench'] as const,
      ]
      const parts = named.map(([part, name]): WatchedPart => {
        const found = watched(name)
        return { ...found, part, version: versions[name] ?? null }
      })
      const { engine } = await watched('db').window.read('db')
      // Limits are no sum here: each part has a host, and only those of one host compete.
      return {
        engine,
        compose: null,
        parts: await partsOf(parts),
        limitCores: null,
        hosts: await hostsOf(windows),
      }
    },
    close: () => database.release(),
  }
}
