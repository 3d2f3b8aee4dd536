import { readFile } from 'node:fs/promises'
import { type Arm, DEFAULT_DATABASE } from '../../plan/arms.ts'
import { fixedVariables } from '../../plan/levels.ts'
import { openEngineWindow } from '../../telemetry/engine-window.ts'
import { lockedDatabase } from '../database-lock.ts'
import { roundTripMs, testDatabase, waitUntilAnswering } from '../database.ts'
import { serviceVersion, waitUntilReady } from '../ready.ts'
import type { Opening, TestDatabase, Testbed } from '../testbed.ts'
import { awaitPart, type Containers, findContainers } from './containers.ts'
import { endOfAny } from './died.ts'
import { engineTooOld, openToNeighbours } from './engine.ts'
import { hostControl } from './limits.ts'
import { containerParts, nginxVersion, observeParts, versionsOf } from './parts.ts'

/** What compose.yaml tells the runner of the project it runs in. */
export type ComposeSettings = Readonly<{
  frontDoor: string
  /** Path of the socket that the window on the engine listens on. */
  statsWindow: string
  databaseHost: string
  passwordFile: string
  /** Has the front door a port on the host? */
  isPublished: boolean
}>

/** @throws naming the variable that is missing: the runner was not started by compose.yaml */
export function readComposeSettings(env: NodeJS.ProcessEnv): ComposeSettings {
  const needed = (name: string): string => {
    const value = env[name]
    if (value) return value
    throw new Error(`${name} is not set: start the runner with \`docker compose up bench\`.`)
  }
  return {
    frontDoor: needed('FRONT_DOOR'),
    statsWindow: needed('STATS_WINDOW'),
    databaseHost: needed('DB_HOST'),
    passwordFile: needed('DB_PASSWORD_FILE'),
    isPublished: env['SAMEHOST_PORT'] !== '',
  }
}

/** ms. A part may be slow to start; whoever waits is kept informed. */
const STARTED_WITHIN_MS = 600_000

/**
 * The testbed of compose.yaml, seen from the container of the runner, which Compose starts together with
 * the rest: what is not ready yet is waited for here, where it can be said.
 *
 * @throws naming the arms that are asked for and not started, or the part that never was ready
 */
export async function openCompose(
  settings: ComposeSettings,
  arms: readonly Arm[],
  asked: readonly string[],
  { warn, say, signal, database: scenario }: Opening,
): Promise<Testbed> {
  const password = (await readFile(settings.passwordFile, 'utf8')).trim()
  const adminUrlOf = (host: string): string =>
    `postgres://postgres:${password}@${host}:5432/postgres`
  const adminUrl = adminUrlOf(settings.databaseHost)
  const engine = await openEngineWindow(settings.statsWindow, (reason) =>
    warn(
      `No CPU and memory figures of containers: ${reason} Mount the engine's socket (DOCKER_SOCKET).`,
    ),
  )
  const tooOld = engine && engineTooOld(engine.version)
  if (tooOld) throw new Error(tooOld)
  const open = engine && settings.isPublished ? openToNeighbours(engine.version) : null
  if (open) say(open)
  if (engine !== null) checkStarted(await findContainers(engine), arms, asked, warn)
  const waiting = { engine, say }
  const withinMs = STARTED_WITHIN_MS
  await awaitPart('db', waitUntilAnswering(adminUrl, { withinMs, signal }), waiting)
  const unlocked = testDatabase(adminUrl, password, scenario)
  const own = new Map<string, TestDatabase>()
  for (const arm of arms) {
    const { name, database: host } = arm
    if (host === undefined || own.has(host) || !asked.includes(name)) continue
    await awaitPart(host, waitUntilAnswering(adminUrlOf(host), { withinMs, signal }), waiting)
    const there = testDatabase(adminUrlOf(host), password, scenario)
    const recreate = async (): Promise<void> => {
      if (engine !== null) checkWay(arm, (await findContainers(engine)).names())
      await there.recreate()
    }
    own.set(host, { ...there, recreate })
  }
  const urlOf = (arm: string): string => `${settings.frontDoor}/${arm}`
  const isThere = { path: '/healthz', withinMs, signal } as const
  await Promise.all(
    asked.map((arm) => awaitPart(arm, waitUntilReady(arm, urlOf(arm), isThere), waiting)),
  )
  // Of all in the project, limits and other databases too. Last, so that nothing fails while it is held.
  const database = await lockedDatabase(unlocked)
  const databaseOf = (arm: Arm): TestDatabase => own.get(arm.database ?? '') ?? database
  return {
    kind: 'compose',
    label: 'Docker Compose',
    arms,
    database,
    databaseOf,
    hosts: engine && hostControl(engine),
    given: fixedVariables,
    open: async (arm, until) => {
      const url = urlOf(arm.name)
      const found = engine && (await findContainers(engine))
      if (found !== null) checkWay(arm, found.names())
      await awaitPart(arm.name, waitUntilReady(arm.name, url, { signal: until }), waiting)
      const version = await serviceVersion(url)
      return {
        url,
        version,
        startedAt: null,
        roundTripMs: await roundTripMs(urlOnTheWay(arm, databaseOf(arm).url)),
        observer: observeParts(engine, found, arm),
        died: () => endOfAny(found, arm.name, wayOf(arm)),
        close: async () => {},
      }
    },
    environment: async (armNames) => {
      if (engine === null) return { engine: null, compose: null, parts: [], limitCores: null }
      const found = await engine.containers()
      const versions = {
        ...(await versionsOf([[DEFAULT_DATABASE, database], ...own])),
        nginx: await nginxVersion(settings.frontDoor),
        bench: `node ${process.versions.node}`,
      }
      const compose = found[0]?.Labels['com.docker.compose.version'] ?? null
      const measured = arms.filter(({ name }) => armNames.includes(name))
      const { parts, limitCores } = await containerParts(engine, found, measured, versions)
      return { engine: engine.version, compose, parts, limitCores }
    },
    close: () => database.release(),
  }
}

/** Only Compose starts containers: the runner has no right to, and says what must be typed. */
function checkStarted(
  containers: Containers,
  arms: readonly Arm[],
  asked: readonly string[],
  warn: (warning: string) => void,
): void {
  const running = containers.names()
  if (!running.has('nginx')) {
    throw new Error(
      'Nginx, the front door of every arm, does not run: `docker compose up -d nginx` starts it, ' +
        '`docker compose logs nginx` says why it ended.',
    )
  }
  const absent = asked.filter((name) => !running.has(name))
  const [ended] = absent.filter((name) => containers.ended().has(name))
  if (ended !== undefined) {
    throw new Error(
      `${ended} has ended: \`docker compose logs ${ended}\` says why, ` +
        `\`docker compose up -d ${ended}\` starts it again.`,
    )
  }
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
