import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engineTooOld, openToNeighbours } from './engine.ts'
import { readComposeSettings } from './open.ts'

test('an engine of before 25 is too old, and the line says what to do', () => {
  assert.match(engineTooOld('Docker/24.0.9 (linux)') ?? '', /version 24, older than 25: update it/)
  assert.match(engineTooOld('Docker/20.10.17 (linux)') ?? '', /version 20/)
})

test('25 and later are not, nor is an engine that does not say what it is', () => {
  for (const server of ['Docker/25.0.0 (linux)', 'Docker/26.1.5+dfsg1 (linux)', 'Docker/100.1 (x)'])
    assert.equal(engineTooOld(server), null, server)
  for (const server of ['unknown', '', 'Libpod/5.0 (linux)'])
    assert.equal(engineTooOld(server), null)
})

test('an engine of before 28 is said to open the front door to the neighbouring network', () => {
  for (const server of [
    'Docker/25.0.0 (linux)',
    'Docker/26.1.5+dfsg1 (linux)',
    'Docker/27.5.1 (x)',
  ])
    assert.match(openToNeighbours(server) ?? '', /^Docker Engine 2[567]\..*SAMEHOST_PORT= before/)
  for (const server of ['Docker/28.0.0 (linux)', 'Docker/100.1 (x)', 'Libpod/5.0 (linux)', ''])
    assert.equal(openToNeighbours(server), null, server)
})

test('the front door is published unless its port is left empty', () => {
  const env = { FRONT_DOOR: 'a', STATS_WINDOW: 'b', DB_HOST: 'c', DB_PASSWORD_FILE: 'd' }
  assert.equal(readComposeSettings(env).isPublished, true)
  assert.equal(readComposeSettings({ ...env, SAMEHOST_PORT: '9090' }).isPublished, true)
  assert.equal(readComposeSettings({ ...env, SAMEHOST_PORT: '' }).isPublished, false)
})
