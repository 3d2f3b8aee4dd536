import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibrateLoaders } from './loaders.ts'
import { loadersText } from './table.ts'

test('what two loaders count is what their two servers answered, as one', async () => {
  const calibration = await calibrateLoaders({
    loaders: 2,
    users: [61],
    delays: ['10ms'],
    thinkMs: 100,
    warmUpS: 1,
    holdS: 3,
    seed: 1,
  })
  const [row] = calibration.rows
  assert.ok(row)
  // A request that is on its way at an edge is on one side for the loader, on the other for its server.
  assert.ok(Math.abs(row.requests - row.known) <= 2 * 61, `${row.requests} of ${row.known}`)
  assert.ok(row.known > 100, `${row.known} requests`)
  assert.ok(row.truth.p50Ms >= 9 && row.measured.p50Ms >= row.truth.p50Ms - 0.5)
  // What the law misses is what the loaders were late by, as their servers saw it.
  const lateUsers = ((row.thinkTrueMs - row.thinkNominalMs) * row.known) / 3000
  const accounted = row.expectedUsers + lateUsers
  assert.ok(Math.abs(accounted / 61 - 1) < 0.05, `${row.expectedUsers} and ${lateUsers} users`)
  assert.ok(row.busiestCores > row.cpuCores / 2 - 1e-9 && row.busiestCores < row.cpuCores)
  assert.equal(row.breaches.filter((breach) => breach.includes('failed')).length, 0)
  const text = loadersText(calibration)
  assert.match(text, /2 loaders, each on a server of its own/)
  for (const line of text.split('\n')) assert.ok(line.length <= 100, line)
})
