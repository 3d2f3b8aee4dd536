import { resolve4 } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Arm } from '../../plan/arms.ts'
import { fixedVariables } from '../../plan/levels.ts'
import {
  type HostWindow,
  hostWindow,
  observeHosts,
  type Watched,
} from '../../telemetry/host-window.ts'
import { lockedDatabase } from '../database-lock.ts'
import { testDatabase, waitUntilAnswering } from '../database.ts'
import { endOfWatched, hostsOf, partsOf, roundTripsTo, type WatchedPart } from '../hosts.ts'
import { serverVersion, serviceVersion, waitUntilReady } from '../ready.ts'
import type { Testbed } from '../testbed.ts'

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

/** The hosts of the article. */
const ROLES = ['load', 'app', 'db'] as const
type Role = (typeof ROLES)[number]

/** ms. Until the tasks of a stack that was deployed a moment ago are there. */
const THERE_WITHIN_MS = 120_000
const READY_WITHIN_MS = 120_000
const LOOK_MS = 1_000

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
  { say }: Readonly<{ say(text: string): void }>,
): Promise<Testbed> {
  const password = (await readFile(settings.passwordFile, 'utf8')).trim()
  const adminUrl = `postgres://postgres:${password}@${settings.databaseHost}:5432/postgres`
  const { windows, watched } = await awaitParts(settings.windows, asked, say)
  await waitUntilAnswering(adminUrl, { withinMs: READY_WITHIN_MS })
  const urlOf = (arm: string): string => `${settings.frontDoor}/${arm}`
  const ready = { path: '/healthz', withinMs: READY_WITHIN_MS } as const
  // A front door that was there before an arm finds it within half a minute.
  await Promise.all(asked.map((arm) => waitUntilReady(arm, urlOf(arm), ready)))
  const database = await lockedDatabase(await testDatabase(adminUrl, password))
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

type Placed = Watched & Readonly<{ host: Role }>

type Parts = Readonly<{
  windows: ReadonlyMap<Role, HostWindow>
  /** @throws if there is no such part, which was there when this was made */
  watched(name: string): Placed
}>

/** Waits until every part is there, on the host of its role. */
async function awaitParts(
  windowsUrl: URL,
  asked: readonly string[],
  say: (text: string) => void,
): Promise<Parts> {
  const deadline = performance.now() + THERE_WITHIN_MS
  let said = ''
  for (;;) {
    const addresses = await resolve4(windowsUrl.hostname).catch(() => [])
    const urls = addresses.map((address) => `http://${address}:${windowsUrl.port}`)
    const found = await findParts(urls, asked)
    if ('parts' in found) return found.parts
    if (performance.now() > deadline) throw new Error(found.missing)
    if (found.missing !== said) say(`Waiting: ${found.missing}`)
    said = found.missing
    await delay(LOOK_MS)
  }
}

type Found = Readonly<{ parts: Parts }> | Readonly<{ missing: string }>

/**
 * Which part is on which host, by what the windows show.
 *
 * @throws naming the role that is on two hosts: waiting does not help
 */
export async function findParts(urls: readonly string[], asked: readonly string[]): Promise<Found> {
  const running = new Map<string, HostWindow[]>()
  for (const url of urls) {
    const window = hostWindow(url)
    const containers = await window.containers().catch((error: unknown) => String(error))
    if (typeof containers === 'string') {
      return {
        missing:
          `the stats window at ${url} does not answer (${containers}). \`docker service ps samehost_stats-window\` ` +
          'says on which node it should be.',
      }
    }
    for (const { name, State } of containers) {
      if (State === 'running') running.set(name, [...(running.get(name) ?? []), window])
    }
  }
  const roleOf: Readonly<Record<string, Role>> = {
    bench: 'load',
    db: 'db',
    nginx: 'app',
    ...Object.fromEntries(asked.map((name) => [name, 'app'])),
  }
  const absent = Object.keys(roleOf).filter((name) => !running.has(name))
  if (absent.length > 0) {
    return {
      missing:
        `on none of ${urls.length} hosts is ${absent.join(', ')}. ` +
        '`docker stack ps --no-trunc samehost` says why; `scripts/three-hosts/check` looks for nodes ' +
        'without a label and images that a node lacks.',
    }
  }
  const windows = new Map<Role, HostWindow>()
  const placed = new Map<string, Placed>()
  for (const [name, host] of Object.entries(roleOf)) {
    const [window, second] = running.get(name) ?? []
    if (window === undefined) continue
    const known = windows.get(host)
    if (second !== undefined || (known !== undefined && known.url !== window.url)) {
      throw new Error(
        `The role ${host} is on two hosts: ${name} runs on a second one. Take the label from one: ` +
          '`docker node update --label-rm samehost.role NODE`.',
      )
    }
    windows.set(host, window)
    placed.set(name, { window, container: name, host })
  }
  const watched = (name: string): Placed => {
    const part = placed.get(name)
    if (part === undefined) throw new Error(`There is no part ${name} in this stack.`)
    return part
  }
  return { parts: { windows, watched } }
}

/** A window that is gone has gone with its host: unlike elsewhere, that is an end. */
async function endOfAny(parts: Readonly<Record<string, Placed>>): Promise<string | null> {
  const hosts = new Map(Object.values(parts).map(({ host, window }) => [host, window]))
  for (const [host, window] of hosts) {
    const answers = await window.facts().catch(() => null)
    if (answers === null) {
      return (
        `the host ${host} does not answer any more. \`docker node ls\` shows the state of its node; start ` +
        'its engine again, then `scripts/three-hosts/run`.'
      )
    }
  }
  for (const part of Object.values(parts)) {
    const end = await endOfWatched(part)
    if (end !== null) return end
  }
  return null
}
