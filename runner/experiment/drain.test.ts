import assert from 'node:assert/strict'
import { test } from 'node:test'
import { response, startShop } from '../../test/fixtures/shop-server.ts'
import { commerceJourney } from '../load/journey.ts'
import type { Load } from '../load/load.ts'
import { drain } from './drain.ts'

test('a slow host has no queue only because its answers take more than a tenth of a short time-out', async (t) => {
  const { url } = await startShop(t, (socket) => {
    setTimeout(() => socket.write(response(200, '{"items":[]}', '')), 60)
    return true
  })
  const load = { apply: () => Promise.resolve() } as unknown as Load
  const { signal } = new AbortController()
  const isEmpty = await drain({ load, url, timeoutMs: 500, journey: commerceJourney, signal })
  assert.equal(isEmpty, true)
})
