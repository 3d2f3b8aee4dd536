import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { fieldTable, schemaJson } from './schema.ts'

test('the schema that is printed takes a run, and refuses one without its trials', () => {
  const check = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(schemaJson()),
  )
  const { trials, ...rest } = JSON.parse(JSON.stringify(simulatedRun()))
  assert.ok(check({ ...rest, trials }), JSON.stringify(check.errors))
  assert.ok(!check(rest))
})

test('no field of run.json is without its meaning', () => {
  const silent = fieldTable()
    .split('\n')
    .filter((line) => line.endsWith('|  |'))
  assert.deepEqual(silent, [])
})
