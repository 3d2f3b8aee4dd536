import { cpuLimits } from '../../telemetry/containers.ts'
import type { ContainerDetails, EngineWindow } from '../../telemetry/engine-window.ts'
import type { HostControl, HostLimits } from '../testbed.ts'

/** A container of the project, by the name of its service. */
export type Containers = Readonly<{
  /** Of those that run, or are paused. */
  idOf(service: string): string | undefined
  names(): ReadonlySet<string>
  /** Of services of which nothing runs any more. */
  ended(): ReadonlySet<string>
  /** What the engine says of it; null where it says nothing, which alone means nothing. */
  stateOf(service: string): Promise<ContainerDetails | null>
}>

/** The containers as they are at this moment. */
export async function findContainers(engine: EngineWindow): Promise<Containers> {
  const all = (await engine.containers()).map((container) => ({
    service: container.Labels['com.docker.compose.service'] ?? '',
    id: container.Id,
    runs: container.State === 'running' || container.State === 'paused',
  }))
  const running = new Map(all.filter(({ runs }) => runs).map(({ service, id }) => [service, id]))
  const rest = all.filter(({ service }) => !running.has(service))
  const any = new Map([...rest.map(({ service, id }) => [service, id] as const), ...running])
  return {
    idOf: (service) => running.get(service),
    names: () => new Set(running.keys()),
    ended: () => new Set(rest.map(({ service }) => service)),
    stateOf: async (service) => {
      const id = any.get(service)
      return id === undefined ? null : await engine.inspect(id).catch(() => null)
    },
  }
}

/** Why a part can answer no more, and what to do; null while it runs or is paused. */
export function endOf(service: string, details: ContainerDetails | null): string | null {
  if (details === null || ['running', 'paused'].includes(details.State.Status)) return null
  const { OOMKilled: outOfMemory, Status: status, ExitCode: exitCode } = details.State
  const code = status === 'exited' && exitCode !== undefined ? ` with code ${exitCode}` : ''
  const how = outOfMemory ? 'killed because it reached its mem_limit' : `${status}${code}`
  return (
    `its container is ${how}. See \`docker compose logs ${service}\`; ` +
    `\`docker compose up -d ${service}\` starts it again.`
  )
}

/** ms between two lines about the same part. */
const TELL_EVERY_MS = 10_000

/**
 * Waits for a part, and says so again and again: Compose starts the runner at once, so that somebody can.
 *
 * @param work fulfilled once the part is there
 * @param engine null where there is no window: then nothing is known of its container
 * @throws what `work` throws, or that the part has ended meanwhile
 */
export async function awaitPart(
  service: string,
  work: Promise<unknown>,
  { engine, say }: Readonly<{ engine: EngineWindow | null; say: (text: string) => void }>,
  tellEveryMs = TELL_EVERY_MS,
): Promise<void> {
  const from = performance.now()
  let timer: NodeJS.Timeout | undefined
  const ended = new Promise<never>((_, reject) => {
    const tell = async (): Promise<void> => {
      const containers = engine && (await findContainers(engine).catch(() => null))
      const details = (await containers?.stateOf(service)) ?? null
      const end = endOf(service, details)
      if (end !== null) reject(new Error(`${service} ended before it was ready: ${end}`))
      else say(waitingLine(service, (performance.now() - from) / 1000, details))
    }
    timer = setInterval(() => void tell(), tellEveryMs)
  })
  try {
    await Promise.race([work, ended])
  } finally {
    clearInterval(timer)
    work.catch(() => {})
  }
}

function waitingLine(service: string, seconds: number, details: ContainerDetails | null): string {
  const remedy =
    details?.State.Status === 'paused'
      ? `its container is paused, \`docker compose unpause ${service}\` lets it go on`
      : `\`docker compose logs ${service}\` shows what it does`
  return `Waiting for ${service}, ${seconds.toFixed(0)} s so far: ${remedy}.`
}

/** What the runner may change of the hosts, through the window. */
export function hostControl(engine: EngineWindow): HostControl {
  const find = async (service: string): Promise<string> => {
    const id = (await findContainers(engine)).idOf(service)
    if (id !== undefined) return id
    throw new Error(`${service} does not run: \`docker compose up -d ${service}\` starts it.`)
  }
  const limitsOf = async (service: string): Promise<HostLimits | null> =>
    cpuLimits((await engine.inspect(await find(service))).HostConfig)
  return {
    restartArm: async (name) => {
      const id = await find(name)
      await engine.restart(id)
      return (await engine.inspect(id)).State.StartedAt
    },
    limitsOf,
    otherLimitsOf: async (service) => {
      const { Memory, PidsLimit } = (await engine.inspect(await find(service))).HostConfig
      return {
        ...(Memory > 0 ? { memoryBytes: Memory } : {}),
        ...((PidsLimit ?? 0) > 0 ? { pids: PidsLimit ?? 0 } : {}),
      }
    },
    setLimits: async (name, { cores, periodUs }) => {
      const quotaUs = Math.round(cores * periodUs)
      await engine.setCpuLimit(await find(name), { periodUs, quotaUs })
      const now = await limitsOf(name)
      if (now?.periodUs === periodUs && Math.round(now.cores * periodUs) === quotaUs) return
      const found = now === null ? 'no limit' : `${now.cores} cores by ${now.periodUs} us`
      throw new Error(`${name} was to have ${cores} cores by ${periodUs} us and has ${found}.`)
    },
  }
}
