import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { STUDY } from '../../test/fixtures/simulated-run.ts'
import { readKit } from '../kit.ts'
import { chooseArms, DEFAULT_GROUP, readArms } from './arms.ts'
import { composeServices } from './compose-files.ts'

const composeYaml = readKit('compose.yaml')
const all = readArms(composeYaml, readKit)
/** The groups of arms that differ in one factor, each a file. */
const GROUP_FILES = (await readdir(new URL('../../compose/', import.meta.url)))
  .filter((name) => name.endsWith('.yaml') && name !== 'contained.yaml')
  .map((name) => `compose/${name}`)
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

test('the arms of the study and the whole grid go by one word', () => {
  assert.deepEqual(namesOf(STUDY.id), Object.values(STUDY.arms))
  const examples = namesOf('example')
  assert.deepEqual(
    namesOf('all'),
    readArms(composeYaml)
      .map(({ name }) => name)
      .filter((name) => !examples.includes(name)),
  )
})

test('every group is included, each arm of it a level of one factor, changed from an arm that is there', () => {
  const [, second] = parseAllDocuments(composeYaml).map((document) => document.toJS() as unknown)
  const { include } = second as { include: [{ path: string[] }] }
  assert.deepEqual(include[0].path.toSorted(), GROUP_FILES.toSorted())
  const names = new Set(all.map(({ name }) => name))
  for (const file of GROUP_FILES) {
    const { services } = parse(readKit(file), { merge: true, logLevel: 'error' }) as {
      services: Record<string, { labels?: Record<string, string> }>
    }
    const arms = all.filter(({ name }) => services[name]?.labels?.['org.samehost.factor'])
    assert.ok(arms.length > 1, file)
    const factors = new Set(arms.map(({ factor }) => factor?.factor))
    assert.equal(factors.size, 1, `${file}: ${[...factors].join('; ')}`)
    const cells = arms.map(({ factor }) => `${factor?.from} ${factor?.level}`)
    assert.deepEqual(cells, [...new Set(cells)], file)
    for (const { name, factor, groups } of arms) {
      assert.ok(names.has(factor?.from ?? ''), `${name} is changed from ${factor?.from}`)
      assert.ok(groups.length > 0 && !groups.includes('all'), name)
    }
  }
})

test('an arm of a group is the one it was changed from, but for the level', () => {
  const arm = (name: string) => all.find((each) => each.name === name)
  const [five, pooled] = [arm('pool-size-5'), arm('pooled')]
  assert.deepEqual(five?.environment, {
    ...pooled?.environment,
    ARM_NAME: 'pool-size-5',
    DB_POOL_MAX: '5',
  })
  assert.deepEqual([five?.mode, five?.entry], [pooled?.mode, pooled?.entry])
  assert.deepEqual(five?.groups, ['pool-size'])
  assert.deepEqual(namesOf('pool-size-5', 'pool-size-10'), ['pool-size-5', 'pool-size-10'])
})

test('an arm that goes through another container does not run without Docker', () => {
  const far = all.filter(({ through, database }) => through !== undefined || database !== undefined)
  assert.ok(far.length > 0)
  for (const { name, entry } of far) assert.equal(entry, null, name)
})

test('half a factor is refused, with the labels that it needs', () => {
  const half =
    'services: { mine: { labels: { org.samehost.mode: pooled, org.samehost.level: "1" } } }'
  assert.throws(() => readArms(half), /mine needs all of the labels org.samehost.factor/)
})

test('names and groups mix, and an arm that both stand for is there once', () => {
  assert.deepEqual(namesOf('floor', 'pooled', 'reference'), [
    'floor',
    'pooled',
    'persistent',
    'per-request',
  ])
})

test('a word that stands for no arm is reported', () => {
  assert.deepEqual(chooseArms(['pooled', 'eager'], all).unknown, ['eager'])
})

test('each arm can be started by its name, and the front door waits for it and knows it', () => {
  type FrontDoor = { depends_on?: Record<string, unknown>; environment?: Record<string, string> }
  const doors = ['compose.yaml', ...GROUP_FILES].flatMap((file) =>
    parseAllDocuments(readKit(file), { merge: true }).flatMap((document) => {
      const { services } = document.toJS() as { services?: { nginx?: FrontDoor } }
      return services?.nginx ?? []
    }),
  )
  const awaited = Object.assign({}, ...doors.map((door) => door.depends_on)) as Record<
    string,
    { required: boolean }
  >
  const environment = doors.map((door) => door.environment ?? {})
  const lists = environment.flatMap((variables) => Object.entries(variables))
  assert.equal(lists.length, Object.keys(Object.assign({}, ...environment) as object).length)
  const known = lists.flatMap(([key, list]) => (key.startsWith('ARMS') ? list.split(/\s+/) : []))
  const profiles = composeServices(composeYaml, readKit)
  for (const { name } of all) {
    assert.ok(profiles.get(name)?.profiles?.includes(name), `${name} has no profile ${name}`)
    assert.equal(awaited[name]?.required, false, `the front door does not wait for ${name}`)
    assert.ok(known.includes(name), `the front door does not know ${name}`)
  }
})

test('a service without the label is no arm; one with an unknown mode is refused by name', () => {
  assert.deepEqual(readArms('services: { db: { image: x } }'), [])
  const wrong = 'services: { mine: { labels: { org.samehost.mode: eager } } }'
  assert.throws(() => readArms(wrong), /mine has the unknown mode eager/)
})

test('an arm whose name run.json cannot hold is refused, with the limit', () => {
  const compose = (name: string) =>
    `services: { ${name}: { labels: { org.samehost.mode: pooled } } }`
  const most = 'a'.repeat(64)
  assert.equal(readArms(compose(most))[0]?.name, most)
  assert.throws(() => readArms(compose(`${most}a`)), /at most 64 letters, and a{65} has 65/)
  assert.throws(() => readArms(compose('my_arm')), /my_arm: names are of a-z, 0-9 and -/)
})

test('each file of the kit is read once, however many services extend one of it', () => {
  const paths: string[] = []
  const arms = readArms(readKit('compose.yaml'), (path) => {
    paths.push(path)
    return readKit(path)
  })
  assert.ok(arms.length > 20 && paths.length > 10)
  assert.deepEqual(paths, [...new Set(paths)])
})
