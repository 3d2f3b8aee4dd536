import type { ContainerDetails } from '../../telemetry/engine-window.ts'
import type { Containers } from './containers.ts'

/**
 * Why an arm can answer no more: it, or a part on its way to its orders, has ended.
 *
 * @param containers null where nothing is known of them
 */
export async function endOfAny(
  containers: Containers | null,
  arm: string,
  way: readonly string[],
): Promise<string | null> {
  if (containers === null) return null
  for (const name of [arm, ...way]) {
    const end = endOf(name, await containers.stateOf(name))
    if (end !== null) return name === arm ? end : `${name}, on its way to its orders: ${end}`
  }
  return null
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
