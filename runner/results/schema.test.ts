import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fieldTable, schemaJson } from './schema.ts'

const committed = (name: string): Promise<string> =>
  readFile(new URL(`../../results/${name}`, import.meta.url), 'utf8')

test('results/schema.json is the schema that the runner checks runs with', async () => {
  assert.equal(await committed('schema.json'), schemaJson(), 'run `npm run schema`')
})

test('results/README.md explains every field of run.json', async () => {
  assert.ok((await committed('README.md')).includes(fieldTable()), 'run `npm run schema`')
})

test('no field of run.json is without its meaning', () => {
  const silent = fieldTable()
    .split('\n')
    .filter((line) => line.endsWith('|  |'))
  assert.deepEqual(silent, [])
})
