import type { TestContext } from 'node:test'
import type { Endpoint } from '../../measurement/figures.ts'
import { commerceJourney } from '../journey.ts'
import { startLoad, type Load, type LoadOptions } from '../load.ts'
import type { RawRequest } from './raw-server.ts'
import { waitFor } from './wait.ts'

const OPTIONS = { thinkMs: { min: 0, max: 0 }, timeoutMs: 5000, seed: 1, journey: commerceJourney }

/** A load without think time but for `options`, stopped when the test ends. */
export function loadOf(t: TestContext, url: string, options: Partial<LoadOptions> = {}): Load {
  const load = startLoad({ ...OPTIONS, url, ...options })
  t.after(() => load.stop())
  return load
}

/** Which endpoint a request belongs to, by what came over the wire. */
export function endpointOf({ line, path }: RawRequest): Endpoint {
  if (path.includes('?')) return 'list-products'
  if (line.startsWith('POST')) return 'place-order'
  return path.includes('/products/') ? 'view-product' : 'view-order'
}

/** A window around the whole life of `users` users, who are retired once `enough` holds. */
export async function wholeLife(load: Load, users: number, enough: () => boolean) {
  load.openWindow()
  await load.setUsers(users)
  await waitFor('enough requests', enough)
  await load.setUsers(0)
  return load.closeWindow()
}
