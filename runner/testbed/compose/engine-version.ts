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
