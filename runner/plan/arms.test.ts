import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { chooseArms, DEFAULT_GROUP, readArms } from './arms.ts'

const composeYaml = await readFile(new URL('../../compose.yaml', import.meta.url), 'utf8')
const all = readArms(composeYaml)
const namesOf = (...words: string[]): string[] =>
  chooseArms(words, all).arms.map(({ name }) => name)

test('the arms by default are the three of the reference service', () => {
  const { arms } = chooseArms([DEFAULT_GROUP], all)
  assert.deepEqual(
    arms.map(({ name, mode, entry }) => ({ name, mode, entry })),
    ['pooled', 'persistent', 'per-request'].map((name) => ({
      name,
      mode: name,
      entry: 'services/commerce/main.ts',
    })),
  )
  for (const arm of arms) assert.equal(arm.environment['DB_MODE'], arm.name)
})

test('the article’s three and the whole grid go by one word', () => {
  assert.deepEqual(namesOf('article'), [
    'fastapi-pooled',
    'django-persistent',
    'django-per-request',
  ])
  const examples = namesOf('example')
  assert.deepEqual(
    namesOf('all'),
    all.map(({ name }) => name).filter((name) => !examples.includes(name)),
  )
})

test('names and groups mix, and an arm that both stand for is there once', () => {
  assert.deepEqual(namesOf('floor', 'pooled', 'reference'), [
    'floor',
    'pooled',
    'persistent',
    'per-request',
  ])
})

test('a word that stands for no arm is told', () => {
  assert.deepEqual(chooseArms(['pooled', 'eager'], all).unknown, ['eager'])
})

test('each arm can be started by its name, and the front door waits for it and knows it', () => {
  type Service = {
    profiles?: string[]
    depends_on: Record<string, unknown>
    environment: Record<string, string>
  }
  const { services } = parse(composeYaml, { merge: true }) as { services: Record<string, Service> }
  const known = services['nginx']?.environment['ARMS']?.split(/\s+/) ?? []
  const awaited = services['nginx']?.depends_on ?? {}
  for (const { name } of all) {
    assert.ok(services[name]?.profiles?.includes(name), `${name} has no profile ${name}`)
    assert.deepEqual(awaited[name], { condition: 'service_started', required: false })
    assert.ok(known.includes(name), `the front door does not know ${name}`)
  }
})

test('a service without the label is no arm; one with an unknown mode is refused by name', () => {
  assert.deepEqual(readArms('services: { db: { image: x } }'), [])
  const wrong = 'services: { mine: { labels: { org.samehost.mode: eager } } }'
  assert.throws(() => readArms(wrong), /mine has the unknown mode eager/)
})
