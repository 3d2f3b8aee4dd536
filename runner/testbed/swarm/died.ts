import { endOfWatched } from '../watched.ts'
import type { Placed } from './parts.ts'

/** A window that is gone has gone with its host: unlike elsewhere, that is an end. */
export async function endOfAny(parts: Readonly<Record<string, Placed>>): Promise<string | null> {
  const hosts = new Map(Object.values(parts).map(({ host, window }) => [host, window]))
  for (const [host, window] of hosts) {
    const answers = await window.facts().catch(() => null)
    if (answers === null) {
      return (
        `the host ${host} does not answer any more. \`docker node ls\` shows the state of its node; start ` +
        'its engine again, then `scripts/three-hosts/run`.'
      )
    }
  }
  for (const part of Object.values(parts)) {
    const end = await endOfWatched(part)
    if (end !== null) return end
  }
  return null
}
