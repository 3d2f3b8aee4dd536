import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { readArms } from './arms.ts'

test('the arms of compose.yaml are the three of the reference service', async () => {
  const arms = readArms(await readFile(new URL('../../compose.yaml', import.meta.url), 'utf8'))
  const defaults = arms.filter((arm) => arm.isDefault)
  assert.deepEqual(
    defaults.map(({ name, mode, entry }) => ({ name, mode, entry })),
    ['pooled', 'persistent', 'per-request'].map((name) => ({
      name,
      mode: name,
      entry: 'services/commerce/main.ts',
    })),
  )
  for (const arm of defaults) assert.equal(arm.environment['DB_MODE'], arm.name)
})

test('a service without the label is no arm; one with an unknown mode is refused by name', () => {
  assert.deepEqual(readArms('services: { db: { image: x } }'), [])
  const wrong = 'services: { mine: { labels: { org.samehost.mode: eager } } }'
  assert.throws(() => readArms(wrong), /mine has the unknown mode eager/)
})
