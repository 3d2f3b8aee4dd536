import { resolve4 } from 'node:dns/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type HostWindow, hostWindow, type Watched } from '../../telemetry/host-window.ts'

/** The three hosts. */
const ROLES = ['load', 'app', 'db'] as const
type Role = (typeof ROLES)[number]

/** ms. Until the tasks of a stack that was deployed a moment ago are there. */
const THERE_WITHIN_MS = 120_000
const LOOK_MS = 1_000

/** A part, by the role of its host. */
export type Placed = Watched & Readonly<{ host: Role }>

type Parts = Readonly<{
  windows: ReadonlyMap<Role, HostWindow>
  /** @throws if there is no such part, which was there when this was made */
  watched(name: string): Placed
}>

/** Waits until every part is there, on the host of its role. */
export async function awaitParts(
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
