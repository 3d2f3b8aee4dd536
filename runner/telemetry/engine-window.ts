import { setTimeout as delay } from 'node:timers/promises'
import { parseForeignJson, readAnswer, ReadError } from '../foreign/read.ts'

/**
 * The parts of the Docker Engine API that are read and used, through the window on its socket
 * (nginx/stats-window), which knows the containers of this Compose project alone.
 * Shapes: https://docs.docker.com/reference/api/engine/version/v1.41/.
 */
export type EngineWindow = Readonly<{
  /** `Docker/26.1.5 (linux)`: what the engine says of itself in every answer. */
  version: string
  /** Of the project, those that ended included. */
  containers(): Promise<ContainerSummary[]>
  inspect(id: string): Promise<ContainerDetails>
  /** Of several containers at once, by id; without those that have none. */
  stats(ids: readonly string[]): Promise<Readonly<Record<string, ContainerStats>>>
  /** `name@sha256:…` under which a registry has the image; none of one that was built here. */
  digests(imageId: string): Promise<readonly string[]>
  /** Ends what runs in the container of an arm, and starts it again. */
  restart(id: string): Promise<void>
  /** Of an arm or the database: `quotaUs` of CPU time in each `periodUs`. */
  setCpuLimit(id: string, limit: CpuLimit): Promise<void>
}>

type CpuLimit = Readonly<{ periodUs: number; quotaUs: number }>

export type ContainerSummary = Readonly<{
  Id: string
  Image: string
  ImageID: string
  Labels: Readonly<Record<string, string>>
  /** `running`, `paused`, `exited`, … */
  State: string
}>

export type ContainerDetails = Readonly<{
  RestartCount: number
  State: Readonly<{ OOMKilled: boolean; StartedAt: string; Status: string; ExitCode?: number }>
  HostConfig: Readonly<{
    NanoCpus: number
    Memory: number
    CpuQuota?: number
    CpuPeriod?: number
    /** null, or 0 and less, without a limit. */
    PidsLimit?: number | null
  }>
}>

export type ContainerStats = Readonly<{
  cpu_stats: Readonly<{
    cpu_usage: Readonly<{ total_usage: number }>
    throttling_data: Readonly<{ periods: number; throttled_periods: number }>
  }>
  memory_stats: Readonly<{
    usage?: number
    limit?: number
    stats?: Readonly<Record<string, number>>
  }>
  networks?: Readonly<Record<string, Readonly<{ rx_bytes: number; tx_bytes: number }>>>
}>

/** ms. The window, started together with the runner, is there within a second. */
const THERE_WITHIN_MS = 10_000
/** ms. */
const READ_WITHIN_MS = 10_000
/** ms. An arm has 10 s to end before it is killed. */
const RESTART_WITHIN_MS = 45_000

/**
 * @param socketPath of the window
 * @param warn called with the reason where the window, or the engine behind it, does not answer
 * @returns null then
 */
export async function openEngineWindow(
  socketPath: string,
  warn: (reason: string) => void,
): Promise<EngineWindow | null> {
  const get = async <T>(path: string): Promise<T> =>
    parseForeignJson((await exchange(socketPath, 'GET', path)).text) as T
  try {
    const { engine } = await firstAnswer(socketPath)
    return {
      version: engine,
      containers: () => get('/containers/json'),
      inspect: (id) => get(`/containers/${id}/json`),
      digests: async (imageId) =>
        (await get<{ RepoDigests: readonly string[] | null }>(`/images/${imageId}/json`))
          .RepoDigests ?? [],
      stats: (ids) => get(`/containers/${ids.join(',')}/stats`),
      restart: async (id) => {
        await exchange(socketPath, 'POST', `/containers/${id}/restart`, '', RESTART_WITHIN_MS)
      },
      setCpuLimit: async (id, { periodUs, quotaUs }) => {
        const body = JSON.stringify({ CpuPeriod: periodUs, CpuQuota: quotaUs })
        await exchange(socketPath, 'POST', `/containers/${id}/update`, body)
      },
    }
  } catch (error) {
    warn(whyNoWindow(error, socketPath))
    return null
  }
}

/** `window` is the name of no host that a user knows; the container of Compose that listens there is. */
function whyNoWindow(error: unknown, socketPath: string): string {
  if (error instanceof ReadError) {
    const what = error.fault === 'unreachable' ? 'does not listen' : `gives ${error.message}`
    return (
      `the container stats-window ${what} (at ${socketPath}); \`docker compose logs stats-window\` ` +
      'says why.'
    )
  }
  return error instanceof Error ? error.message : String(error)
}

type Answer = Readonly<{ engine: string; text: string }>

async function firstAnswer(socketPath: string): Promise<Answer> {
  const deadline = performance.now() + THERE_WITHIN_MS
  for (;;) {
    try {
      return await exchange(socketPath, 'GET', '/containers/json')
    } catch (error) {
      const isStarting = error instanceof ReadError && error.fault === 'unreachable'
      if (!isStarting || performance.now() > deadline) throw error
      await delay(100)
    }
  }
}

/** @throws with the window's own words where it refuses, or where the engine did not do it */
async function exchange(
  socketPath: string,
  method: 'GET' | 'POST',
  path: string,
  body = '',
  withinMs = READ_WITHIN_MS,
): Promise<Answer> {
  const { status, headers, text } = await readAnswer(`http://window${path}`, {
    socketPath,
    method,
    body: method === 'GET' ? null : body,
    withinMs,
    maxBytes: MAX_BYTES,
  })
  if (status !== 200) throw new Error(refusal(method, path, status, text))
  return { engine: headers['x-engine'] || 'unknown', text }
}

/** Of an answer: what the engine says of one container is about 10 kB. */
const MAX_BYTES = 4 * 2 ** 20

function refusal(method: string, path: string, status: number, text: string): string {
  const [, message = ''] = /^\{"message":"([^"]*)"\}/.exec(text) ?? []
  return `${method} ${path} on the stats window answered ${status}: ${message || 'no reason given'}.`
}
