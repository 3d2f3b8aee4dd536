import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { findParts } from './parts.ts'

/** The window of a host on which these containers run. @returns its URL */
async function windowOf(t: TestContext, names: readonly string[], state = 'running') {
  const server = createServer((request, response) => {
    const all = names.map((name) => ({ name, Image: name, ImageID: name, State: state }))
    response.statusCode = request.url === '/containers' ? 200 : 404
    response.end(JSON.stringify(all))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('each part is on the host whose window shows it', async (t) => {
  const [load, app, db] = [
    await windowOf(t, ['bench', 'stats-window']),
    await windowOf(t, ['pooled', 'nginx', 'stats-window']),
    await windowOf(t, ['db', 'stats-window']),
  ]
  const found = await findParts([db, load, app], ['pooled'])
  assert.ok('parts' in found, JSON.stringify(found))
  const { watched, windows } = found.parts
  const placed = ['bench', 'pooled', 'nginx', 'db'].map((name) => {
    const { host, window } = watched(name)
    return [name, host, window.url]
  })
  assert.deepEqual(placed, [
    ['bench', 'load', load],
    ['pooled', 'app', app],
    ['nginx', 'app', app],
    ['db', 'db', db],
  ])
  assert.deepEqual([...windows.keys()].toSorted(), ['app', 'db', 'load'])
})

test('a part that is on no host is named, with where to look', async (t) => {
  const all = [await windowOf(t, ['bench', 'nginx', 'db']), await windowOf(t, ['pooled'], 'exited')]
  const found = await findParts(all, ['pooled'])
  assert.ok('missing' in found)
  assert.match(
    found.missing,
    /on none of 2 hosts is pooled\. .*docker stack ps .*three-hosts\/check/,
  )
})

test('a window that does not answer is named', async (t) => {
  const load = await windowOf(t, ['bench'])
  const found = await findParts([load, 'http://127.0.0.1:1'], ['pooled'])
  assert.ok('missing' in found)
  assert.match(found.missing, /window at http:\/\/127\.0\.0\.1:1 does not answer \(.*service ps/)
})

test('a role on two hosts is refused, with what to type', async (t) => {
  const first = await windowOf(t, ['bench', 'nginx', 'pooled', 'db'])
  const split = [first, await windowOf(t, ['per-request'])]
  await assert.rejects(
    findParts(split, ['pooled', 'per-request']),
    /role app is on two hosts: per-request .*docker node update --label-rm samehost\.role NODE/,
  )
  const twice = [first, await windowOf(t, ['db'])]
  await assert.rejects(findParts(twice, ['pooled']), /role db is on two hosts: db runs on a second/)
})
