import { getContainerRuntimeClient } from 'testcontainers'

/**
 * Whether the tests that need a Docker Engine can run: false, or the line that says why they are skipped
 * and how to have them. With REQUIRE_DOCKER=1 they are never skipped: without an engine they fail.
 */
export async function skipWithoutEngine(): Promise<string | false> {
  if (process.env['REQUIRE_DOCKER'] === '1') return false
  try {
    await getContainerRuntimeClient()
    return false
  } catch {
    return 'no Docker Engine answers: start Docker (or on Debian as root: .ci/engine/up && .ci/engine/images)'
  }
}
