/** The oldest with `start_interval`, by which compose.yaml sees early that a part is ready. */
const OLDEST_MAJOR = 25

/**
 * Why this engine cannot be used; null if it can, or does not say what it is.
 *
 * @param server the `Server` header of its answers: `Docker/26.1.5 (linux)`
 */
export function engineTooOld(server: string): string | null {
  const major = Number(/^Docker\/(\d+)\./.exec(server)?.[1] ?? Infinity)
  if (major >= OLDEST_MAJOR) return null
  return (
    `The Docker Engine is of version ${major}, older than ${OLDEST_MAJOR}: update it, or measure without ` +
    'it (`npm ci && npm run bench`).'
  )
}

/**
 * Engines of before 28 let hosts of the neighbouring network reach what is published on 127.0.0.1. Source:
 * Docker Engine 28.0.0, release notes, "Networking".
 *
 * @param server as the engine names itself, such as `Docker/26.1.5 (linux)`
 * @returns null for those that do not, or do not say what they are
 */
export function openToNeighbours(server: string): string | null {
  const version = /^Docker\/((\d+)\.[\w.]+)/.exec(server)
  if (version === null || Number(version[2]) >= 28) return null
  return (
    `Docker Engine ${version[1]} lets hosts of the neighbouring network reach the front door, although its ` +
    'port is published on 127.0.0.1 alone (28 does not). Where you do not trust that network, publish no ' +
    'port: write SAMEHOST_PORT= before the command.'
  )
}
