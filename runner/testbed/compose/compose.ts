import { readFile } from 'node:fs/promises'
import type { Part } from '../../measurement/stage.ts'
import { type Arm, DEFAULT_DATABASE } from '../../plan/arms.ts'
import {
  type ContainerDetails,
  type ContainerSummary,
  type EngineWindow,
  observeContainers,
  openEngineWindow,
} from '../../telemetry/containers.ts'
import type { Observer } from '../../telemetry/counters.ts'
import { readRunnerProcess } from '../../telemetry/processes.ts'
import { roundTripMs, testDatabase, waitUntilAnswering } from '../database.ts'
import { serverVersion, serviceVersion, waitUntilReady } from '../ready.ts'
import type { TestDatabase, Testbed } from '../testbed.ts'
import { containerParts } from './parts.ts'

/** What compose.yaml tells the runner of the project it runs in. */
export type ComposeSettings = Readonly<{
  project: string
  frontDoor: string
  statsWindow: string
  databaseHost: string
  passwordFile: string
}>

/** @throws naming the variable that is missing: the runner was not started by compose.yaml */
export function readComposeSettings(env: NodeJS.ProcessEnv): ComposeSettings {
  const needed = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new Error(`${name} is not set: start the runner with \`docker compose up bench\`.`)
  }
  return {
    project: needed('SAMEHOST_PROJECT'),
    frontDoor: needed('FRONT_DOOR'),
    statsWindow: needed('STATS_WINDOW'),
    databaseHost: needed('DB_HOST'),
    passwordFile: needed('DB_PASSWORD_FILE'),
  }
}

/**
 * The testbed of compose.yaml, seen from the container of the runner: everything is up already.
 *
 * @throws naming the arms that are asked for and not started
 */
export async function openCompose(
  settings: ComposeSettings,
  arms: readonly Arm[],
  asked: readonly string[],
  warn: (warning: string) => void,
): Promise<Testbed> {
  const password = (await readFile(settings.passwordFile, 'utf8')).trim()
  const adminUrlOf = (host: string): string =>
    `postgres://postgres:${password}@${host}:5432/postgres`
  const adminUrl = adminUrlOf(settings.databaseHost)
  await waitUntilAnswering(adminUrl, { withinMs: 60_000 })
  const engine = await openEngineWindow(settings.statsWindow, (reason) =>
    warn(
      `No CPU and memory figures of containers: ${reason} Mount the engine's socket (DOCKER_SOCKET).`,
    ),
  )
  const tooOld = engine && engineTooOld(engine.version)
  if (tooOld) throw new Error(tooOld)
  const containers = async (): Promise<Map<string, ContainerSummary>> =>
    new Map(
      (await (engine?.containersOf(settings.project) ?? [])).map((container) => [
        container.Labels['com.docker.compose.service'] ?? '',
        container,
      ]),
    )
  if (engine !== null) checkStarted(new Set((await containers()).keys()), arms, asked, warn)
  const database = await testDatabase(adminUrl, password)
  const own = new Map<string, TestDatabase>()
  for (const arm of arms) {
    const { name, database: host } = arm
    if (host === undefined || own.has(host) || !asked.includes(name)) continue
    await waitUntilAnswering(adminUrlOf(host), { withinMs: 60_000 })
    const there = await testDatabase(adminUrlOf(host), password)
    const recreate = async (): Promise<void> => {
      if (engine !== null) checkWay(arm, await containers())
      await there.recreate()
    }
    own.set(host, { ...there, recreate })
  }
  const databaseOf = (arm: Arm): TestDatabase => own.get(arm.database ?? '') ?? database
  const urlOf = (arm: string): string => `${settings.frontDoor}/${arm}`
  // A front door that was there before an arm finds it within half a minute.
  await Promise.all(asked.map((arm) => waitUntilReady(arm, urlOf(arm), { path: '/healthz' })))
  return {
    kind: 'compose',
    label: 'Docker Compose',
    arms,
    database,
    databaseOf,
    open: async (arm) => {
      const url = urlOf(arm.name)
      const found = await containers()
      if (engine !== null) checkWay(arm, found)
      await waitUntilReady(arm.name, url)
      const version = await serviceVersion(url)
      const parts = [arm.name, ...wayOf(arm)].map((name) => [name, found.get(name)?.Id] as const)
      return {
        url,
        version,
        roundTripMs: await roundTripMs(urlOnTheWay(arm, databaseOf(arm).url)),
        observer: observe(engine, found, arm),
        died: async () => {
          for (const [name, id] of parts) {
            if (engine === null || id === undefined) continue
            const details = await engine.inspect(id).catch(() => null)
            const end = endOf(name, details)
            if (end !== null)
              return name === arm.name ? end : `${name}, on its way to its orders: ${end}`
          }
          return null
        },
        close: async () => {},
      }
    },
    environment: async (armNames) => {
      const found = await containers()
      const measured = arms.filter(({ name }) => armNames.includes(name))
      const { parts, limitCores } =
        engine === null
          ? { parts: [], limitCores: null }
          : await containerParts(engine, found, measured, {
              ...(await versionsOf([[DEFAULT_DATABASE, database], ...own])),
              nginx: await nginxVersion(settings.frontDoor),
              bench: `node ${process.versions.node}`,
            })
      const composeVersion = [...found.values()][0]?.Labels['com.docker.compose.version'] ?? null
      return { engine: engine?.version ?? null, compose: composeVersion, parts, limitCores }
    },
    close: async () => {},
  }
}

/** Only Compose starts containers: the runner has no right to, and says what must be typed. */
function checkStarted(
  running: ReadonlySet<string>,
  arms: readonly Arm[],
  asked: readonly string[],
  warn: (warning: string) => void,
): void {
  if (!running.has('nginx')) {
    throw new Error(
      'Nginx, the front door of every arm, does not run: `docker compose up -d nginx` starts it, ' +
        '`docker compose logs nginx` says why it ended.',
    )
  }
  const absent = asked.filter((name) => !running.has(name))
  if (absent.length > 0) {
    throw new Error(
      `Not started: ${absent.join(', ')}. Compose starts the arms that the variable ARMS names: ` +
        `\`ARMS=${asked.join(',')} docker compose run --rm bench\`.`,
    )
  }
  for (const arm of arms) if (asked.includes(arm.name)) checkWay(arm, running)
  const idle = arms.filter(({ name }) => running.has(name) && !asked.includes(name))
  if (idle.length > 0) {
    warn(`Also running, and taking memory, though not measured: ${idle.map(nameOf).join(', ')}.`)
  }
}

/** What an arm needs to be running beside itself: what it goes through, and a database of its own. */
const wayOf = ({ through, database }: Arm): string[] =>
  [through, database].filter((name) => name !== undefined)

/** @throws naming the part that is down, and what starts it */
function checkWay(arm: Arm, running: Readonly<{ has(name: string): boolean }>): void {
  const absent = wayOf(arm).find((name) => !running.has(name))
  if (absent === undefined) return
  throw new Error(
    `${absent}, on the way of ${arm.name} to its orders, does not run: \`docker compose logs ${absent}\` says ` +
      `why it ended, \`ARMS=${arm.name} docker compose up -d ${absent}\` starts it.`,
  )
}

/** The arm's database, by the host and port at which the arm looks for it. */
function urlOnTheWay(arm: Arm, databaseUrl: string): string {
  const url = new URL(databaseUrl)
  url.hostname = arm.environment['DB_HOST'] ?? url.hostname
  url.port = arm.environment['DB_PORT'] ?? url.port
  return url.href
}

const nameOf = ({ name }: Arm): string => name

/** @param details null where the window does not tell: that alone is no death */
function endOf(name: string, details: ContainerDetails | null): string | null {
  if (details === null || details.State.Status === 'running') return null
  const { OOMKilled: outOfMemory, Status: status } = details.State
  const how = outOfMemory ? 'killed because it reached its mem_limit' : status
  return (
    `its container is ${how}. See \`docker compose logs ${name}\`; ` +
    `\`docker compose up -d ${name}\` starts it again.`
  )
}

function observe(
  engine: EngineWindow | null,
  containers: ReadonlyMap<string, ContainerSummary>,
  arm: Arm,
): Observer {
  if (engine === null) return { read: () => Promise.resolve({ runner: readRunnerProcess() }) }
  const services: Partial<Record<Part, string>> = {
    app: arm.name,
    db: arm.database ?? DEFAULT_DATABASE,
    nginx: 'nginx',
  }
  const ids = Object.entries(services).flatMap(([part, service]) => {
    const id = containers.get(service)?.Id
    return id === undefined ? [] : [[part, id] as const]
  })
  return observeContainers(engine, Object.fromEntries(ids))
}

async function versionsOf(
  databases: Iterable<readonly [string, TestDatabase]>,
): Promise<Record<string, string>> {
  const versions: Record<string, string> = {}
  for (const [name, { adminUrl }] of databases) versions[name] = await serverVersion(adminUrl)
  return versions
}

/** The front door's health answer is its version: `nginx/1.27.0`. */
async function nginxVersion(frontDoor: string): Promise<string | null> {
  const response = await fetch(`${frontDoor}/healthz`).catch(() => null)
  return response?.ok === true ? (await response.text()).trim() : null
}

/** The oldest with `start_interval`, by which compose.yaml sees early that a part is ready. */
const OLDEST_MAJOR = 25

/**
 * Why this engine cannot be used; null if it can, or does not say what it is.
 *
 * @param server the `Server` header of its answers: `Docker/26.1.5 (linux)`
 */
export function engineTooOld(server: string): string | null {
  const major = Number(/^Docker\/(\d+)\./.exec(server)?.[1] ?? Infinity)
  if (major >= OLDEST_MAJOR) return null
  return (
    `The Docker Engine is of version ${major}, older than ${OLDEST_MAJOR}: update it, or measure without ` +
    'it (`npm ci && npm run bench`).'
  )
}
