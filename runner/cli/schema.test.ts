import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Compile } from 'typebox/schema'
import { parse } from 'yaml'
import { KIT, readKit } from '../kit.ts'

test('the schema of a journey takes one, and not one with a word too many', async () => {
  const program = [`${KIT}runner/main.ts`, 'schema', '--journey']
  const { stdout } = await promisify(execFile)(process.execPath, program)
  const schema = Compile(JSON.parse(stdout))
  const file = parse(readKit('test/fixtures/items/journey.yaml')) as object
  assert.equal(schema.Check(file), true)
  assert.equal(schema.Check({ ...file, stepz: [] }), false)
})
