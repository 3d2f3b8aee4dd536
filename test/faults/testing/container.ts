import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers'

const client = await getContainerRuntimeClient().catch(() => undefined)

function handle(container: StartedTestContainer) {
  if (!client) throw new Error('No Docker Engine answers: start Docker.')
  return client.container.getById(container.getId())
}

export type Signal = 'SIGKILL' | 'SIGTERM'

/** Sends a signal to the container's first process and waits until it is gone; gives its exit code. */
export async function end(container: StartedTestContainer, signal: Signal): Promise<number> {
  const ended = handle(container).wait({ condition: 'not-running' }) as Promise<{
    StatusCode: number
  }>
  await handle(container).kill({ signal })
  return (await ended).StatusCode
}

export const startAgain = (container: StartedTestContainer): Promise<unknown> =>
  handle(container).start()

const FREEZES = 20

/**
 * Freezes the container's processes. On cgroup v1 runc gives up ("unable to freeze") where processes are
 * made while it freezes, as PostgreSQL's are with a connection per request: it has let go again by then,
 * and is asked anew.
 */
export async function pause(container: StartedTestContainer): Promise<void> {
  for (let left = FREEZES; ; left--)
    try {
      await handle(container).pause()
      return
    } catch (error) {
      if (left === 0 || !String(error).includes('unable to freeze')) throw error
    }
}

export const resume = (container: StartedTestContainer): Promise<unknown> =>
  handle(container).unpause()

/** Takes the container off the network, as when its cable is pulled: what was sent is lost. */
export async function unplug(container: StartedTestContainer, network: string): Promise<void> {
  await client?.container.dockerode.getNetwork(network).disconnect({ Container: container.getId() })
}

/** Brings it back under its name there. */
export async function plugIn(
  container: StartedTestContainer,
  network: string,
  alias: string,
): Promise<void> {
  const EndpointConfig = { Aliases: [alias] }
  await client?.container.dockerode
    .getNetwork(network)
    .connect({ Container: container.getId(), EndpointConfig })
}

/** Where on this host the port is published now: another place after each start. */
export async function publishedPort(
  container: StartedTestContainer,
  port: number,
): Promise<number> {
  const { NetworkSettings } = await handle(container).inspect()
  const published = NetworkSettings.Ports[`${port}/tcp`]?.[0]?.HostPort
  if (published === undefined) throw new Error(`${container.getName()} publishes no port ${port}`)
  return Number(published)
}

/** Tells one life of the container's process from the next. */
export async function startedAt(container: StartedTestContainer): Promise<string> {
  const { State } = await handle(container).inspect()
  return State.Running ? State.StartedAt : `ended with ${State.ExitCode}`
}

/** Memory of the container without the page cache that could be dropped, as `docker stats` counts. */
export async function memoryMib(container: StartedTestContainer): Promise<number> {
  const stats = await handle(container).stats({ stream: false, 'one-shot': true })
  const { usage, stats: parts } = stats.memory_stats
  const v1 = (parts as Readonly<Record<string, number>>)['total_inactive_file']
  return (usage - (v1 ?? parts.inactive_file)) / 2 ** 20
}

/** Everything the container has written. */
export async function logOf(container: StartedTestContainer): Promise<string> {
  const written = await handle(container).logs({ stdout: true, stderr: true })
  return written.toString()
}
