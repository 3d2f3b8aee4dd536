import { Agent } from 'node:http'
import { parseForeignJson, type ReadAnswer, readAnswer } from '../foreign/read.ts'
import type { Part } from '../measurement/stage.ts'
import { partCounters } from './containers.ts'
import type { Counters, Observer } from './counters.ts'
import type { ContainerDetails, ContainerStats } from './engine-window.ts'
import { readRunnerProcess } from './processes.ts'

/** The read-only window on another host and some of its containers (nginx/host-window). */
export type HostWindow = Readonly<{
  url: string
  /** `Docker/26.1.5 (linux)`, once a container was read. */
  containers(): Promise<readonly HostContainer[]>
  read(name: string): Promise<ContainerReading>
  facts(): Promise<HostFacts>
  /** ms. The least of some small requests on an open connection: the way there and back. */
  roundTripMs(): Promise<number>
  /** ms. From the host of this window to that of another of the same stack. @param address IPv4 */
  roundTripToMs(address: string): Promise<number>
  /** us. A fixed piece of arithmetic; null where the window is of no stack. */
  workUs(): Promise<number | null>
}>

type HostContainer = Readonly<{
  name: string
  Image: string
  ImageID: string
  State: string
  standIn: boolean
}>

type ContainerReading = ContainerDetails &
  Readonly<{
    /** null of a container that has ended. */
    stats: ContainerStats | null
    digests: readonly string[]
    /** What the engine says of itself. */
    engine: string
  }>

type HostFacts = Readonly<{
  cpuModel: string | null
  cores: number
  memoryMb: number | null
  kernel: string
  isVirtual: boolean
  /** ms. By how much its clock is ahead of this machine's, to within half a round trip. */
  clockAheadMs: number
}>

/** A container, and the window of the host that it is on. */
export type Watched = Readonly<{ window: HostWindow; container: string }>

/** ms. */
const WITHIN_MS = 10_000
const ROUND_TRIPS = 20
const MAX_BYTES = 4 * 2 ** 20

/** @param url of the window, without a slash at its end */
export function hostWindow(url: string): HostWindow {
  const agent = new Agent({ keepAlive: true })
  const get = async (path: string): Promise<ReadAnswer> => {
    const answer = await readAnswer(url + path, { agent, withinMs: WITHIN_MS, maxBytes: MAX_BYTES })
    if (answer.status === 200) return answer
    throw new Error(`GET ${path} on the window of ${url} answered ${answer.status}.`)
  }
  const json = async <T>(path: string): Promise<T> => parseForeignJson((await get(path)).text) as T
  const once = async (): Promise<number> => {
    const startedMs = performance.now()
    await get('/healthz')
    return performance.now() - startedMs
  }
  return {
    url,
    containers: () => json<HostContainer[]>('/containers'),
    async read(name) {
      const { headers, text } = await get(`/containers/${encodeURIComponent(name)}`)
      const engine = headers['x-engine'] || 'unknown'
      return { ...(parseForeignJson(text) as Omit<ContainerReading, 'engine'>), engine }
    },
    async facts() {
      // Opens the connection, so that the time for that is not in the comparison of clocks.
      await once()
      const sentMs = Date.now()
      type Answered = Omit<HostFacts, 'clockAheadMs'> & { nowMs: number }
      const { nowMs, ...facts } = await json<Answered>('/host')
      return { ...facts, clockAheadMs: nowMs - (sentMs + Date.now()) / 2 }
    },
    async roundTripMs() {
      let least = await once()
      for (let turn = 0; turn < ROUND_TRIPS; turn += 1) least = Math.min(least, await once())
      return least
    },
    async roundTripToMs(address) {
      return (await json<{ roundTripMs: number }>(`/to/${address}`)).roundTripMs
    },
    workUs: () =>
      json<{ workUs: number }>('/work').then(
        ({ workUs }) => workUs,
        () => null,
      ),
  }
}

/** The counters of containers on other hosts, each from the window of its own. */
export function observeHosts(parts: Readonly<Partial<Record<Part, Watched>>>): Observer {
  return {
    read: async () => {
      const read = await Promise.all(
        Object.entries(parts).map(async ([part, { window, container }]) => {
          const startedMs = performance.now()
          const reading = await window.read(container).catch(() => null)
          const atMs = (startedMs + performance.now()) / 2
          if (reading === null || reading.stats === null) return []
          return [[part, partCounters(reading.stats, reading, atMs)] as const]
        }),
      )
      const counters: Counters = {
        ...Object.fromEntries(read.flat()),
        runner: readRunnerProcess(),
      }
      return counters
    },
  }
}
