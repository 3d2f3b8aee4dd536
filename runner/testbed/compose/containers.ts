import type { ContainerDetails, EngineWindow } from '../../telemetry/engine-window.ts'
import { endOf } from './died.ts'

/** A container of the project, by the name of its service. */
export type Containers = Readonly<{
  /** Services with a container that runs, or is paused. */
  idOf(service: string): string | undefined
  names(): ReadonlySet<string>
  /** Services whose every container has ended. */
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
