import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Check, Errors } from 'typebox/schema'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { fieldTable, schemaJson } from './schema.ts'

test('the schema that is printed takes a run, and refuses one without its trials', () => {
  const schema = JSON.parse(schemaJson())
  const { trials, ...rest } = JSON.parse(JSON.stringify(simulatedRun()))
  assert.deepEqual(Errors(schema, { ...rest, trials }), [true, []])
  assert.ok(!Check(schema, rest))
})

test('no field of run.json is without its meaning', () => {
  const silent = fieldTable()
    .split('\n')
    .filter((line) => line.endsWith('|  |'))
  assert.deepEqual(silent, [])
})
