import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { constants, setPriority } from 'node:os'
import { pathToFileURL } from 'node:url'
import { printable } from '../../foreign/printable.ts'
import { KIT } from '../../kit.ts'
import type { Arm } from '../../plan/arms.ts'
import { fixedVariables } from '../../plan/levels.ts'
import { shareSecret } from '../../scenario/secret.ts'
import { waitUntilReady } from '../ready.ts'
import { ANYWHERE, type Placement, spawnPlaced } from './cores.ts'
import { guard } from './guard.ts'

export type ArmProcess = Readonly<{
  url: string
  pid: number
  /** RFC 3339 UTC. */
  startedAt: string
  /** How it ended by itself, with the last it wrote; null while it runs. */
  died(): string | null
  stop(): Promise<void>
}>

/** Where things are in a container. Here they are elsewhere, and the testbed says where. */
export const PLACES: ReadonlySet<string> = new Set(
  `DATABASE_URL DB_HOST DB_PORT DB_USER DB_NAME DB_PASSWORD DB_PASSWORD_FILE HOST PORT PATH
   TOKEN_SECRET TOKEN_SECRET_FILE`.split(/\s+/),
)

/** What an arm is given of its entry in compose.yaml: all but places, and what Compose alone fills in. */
export function givenHere(arm: Pick<Arm, 'environment'>): Record<string, string> {
  const given = Object.entries(fixedVariables(arm)).filter(([name]) => !PLACES.has(name))
  return Object.fromEntries(given)
}

/** By what the runner signs the tokens of its users, the arm knows them. */
const SECRET = 'TOKEN_SECRET'

/** Longer than the 10 s in which a service finishes what is in flight. */
const STOP_WITHIN_MS = 12_000

/**
 * Starts an arm as a process of its own on a free port and waits until it is ready.
 *
 * @param path asked until it answers; `/healthz` needs no database
 * @throws with what the process wrote, if it ends before that
 */
export async function startArmProcess(
  arm: Arm & { entry: string },
  databaseUrl: string,
  placement: Placement = ANYWHERE,
  { signal, path }: Readonly<{ signal?: AbortSignal | undefined; path?: '/healthz' }> = {},
): Promise<ArmProcess> {
  const port = await freePort()
  const startedAt = new Date().toISOString()
  shareSecret(SECRET)
  const child = await spawnPlaced(placement, [process.execPath, `${KIT}${arm.entry}`], {
    cwd: KIT,
    env: {
      NODE_ENV: 'production',
      ...givenHere(arm),
      PATH: process.env['PATH'],
      [SECRET]: process.env[SECRET],
      ARM_NAME: arm.name,
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: String(port),
    },
    // Detached: a Ctrl-C reaches the runner alone, which then ends its arms in order.
    detached: true,
    stderr: 'pipe',
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000)
  })
  const lastWords = (): string => printable(fromTheKit(said.trim()))
  const pid = child.pid ?? 0
  guard().watchProcess(pid)
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  const stop = async (): Promise<void> => {
    if (!ended()) {
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await exit
      clearTimeout(timer)
    }
    guard().forgetProcess(pid)
  }
  const url = `http://127.0.0.1:${port}`
  try {
    const died = (): string | null => (ended() ? lastWords() || 'no message' : null)
    await waitUntilReady(arm.name, url, { died, signal, ...(path && { path }) })
  } catch (error) {
    await stop()
    throw error
  }
  const died = (): string | null => {
    if (!ended()) return null
    const how = child.signalCode ?? `exit code ${child.exitCode}`
    return `its process ended with ${how}: ${lastWords() || 'it wrote nothing'}`
  }
  return { url, pid, startedAt, died, stop }
}

/**
 * Lets the instrument go first where cores are short, as `cpu_shares` does in Compose: about 9 to 1.
 * Otherwise the runner would measure its own waiting for a core. With cores to spare it changes nothing.
 *
 * @param pid of a process that has just been started; what it starts inherits this
 * @returns why the system refused, or null: in a container root may not do it to another user's process
 */
export function stepBack(pid: number): string | null {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
    return null
  } catch (error) {
    // os.setPriority() gives the system's code within `info`; its own is ERR_SYSTEM_ERROR.
    const { info, code } = error as NodeJS.ErrnoException & { info?: { code?: string } }
    return info?.code ?? code ?? String(error)
  }
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A stack names its files by their paths from the kit: where the checkout is on a machine is nobody's affair. */
function fromTheKit(text: string): string {
  return text.replaceAll(pathToFileURL(KIT).href, '').replaceAll(KIT, '')
}
