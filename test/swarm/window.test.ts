import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'

const { services } = parse(
  await readFile(new URL('../../window.yaml', import.meta.url), 'utf8'),
) as Readonly<{ services: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>
const window = services['window'] ?? {}

test('the window on a host is contained: read-only, without capabilities, with bounds', () => {
  assert.deepEqual(Object.keys(services), ['window'])
  assert.deepEqual([window['read_only'], window['init']], [true, true])
  assert.deepEqual(window['cap_drop'], ['ALL'])
  // Nginx as root takes root's group again; the socket is root's.
  assert.deepEqual(window['cap_add'], ['SETGID'])
  assert.deepEqual(window['security_opt'], ['no-new-privileges:true'])
  for (const bound of ['pids_limit', 'cpus', 'mem_limit']) assert.ok(window[bound], bound)
  assert.deepEqual(window['volumes'], [
    '${DOCKER_SOCKET:-/var/run/docker.sock}:/var/run/docker.sock:ro',
  ])
})

test('without an address it is on loopback, and without containers it does not start', () => {
  assert.deepEqual(window['ports'], ['${WINDOW_ADDRESS:-127.0.0.1}:${WINDOW_PORT:-9323}:9323'])
  const { WINDOW_CONTAINERS: shown } = window['environment'] as Record<string, string>
  assert.match(shown ?? '', /^\$\{CONTAINERS:\?/)
})
