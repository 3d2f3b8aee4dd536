import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { parseScenario } from './parse.ts'
import { compileJourney } from './journey.ts'
import { readScenario } from './scenario.ts'

const GOOD = `name: items
values:
  size: 5
  start: { from: 0, to: 10, step: 5 }
steps:
  - endpoint: list
    method: GET
    path: /items?from={start}
    expect: { status: 200, json: [{ at: /items, count: 5 }] }
    take: { id: { any: /items, at: /id } }
  - endpoint: read
    method: GET
    path: /items/{id}
    expect:
      status: 200
      json: [{ at: /id, equals: '{id}' }]
`

test('a scenario is read whole', () => {
  const { name, steps } = parseScenario(GOOD, 'items.yaml')
  assert.deepEqual([name, steps.map(({ endpoint }) => endpoint)], ['items', ['list', 'read']])
})

/** What is written, instead of what, and what is said of it. */
const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ['method: GET', 'method: FETCH', /^items\.yaml, line 7, step 1 \(list\): steps 0 method /],
  ['start: {', 'token: { env: TOKEN }\n  start: { env: TOKEN, ', /line 5: there is no env here/],
  ['size: 5', 'size: { oneOf: [] }', /line 3: values size oneOf must not have fewer than 1/],
  ['values:', 'think: 500\nvalues:', /line 2: think must/],
  [
    'values:',
    'values:\n  id: { env: ID }',
    /line 14, step 2 \(read\): \{id\} is of the environment/,
  ],
  [
    'path: /items/{id}',
    'path: items/{id}',
    /^items\.yaml, line 13, step 2 \(read\): steps 1 path /,
  ],
  ['path: /items/{id}', 'path: /items/{ID}', /line 13, step 2 \(read\): \{ID\} is no value/],
  ['from={start}', 'from={id}', /line 8, step 1 \(list\): \{id\} is no value, and no step before/],
  ["'{id}'", "'number {id}'", /line 15, step 2 \(read\): equals is one \{name\}/],
  ['      status: 200', '      staus: 200', /line 15, step 2 \(read\): there is no staus here/],
  ['status: 200, json', 'status: two, json', /line 9, step 1 \(list\): .*status must be integer/],
  ['at: /items,', 'at: items,', /line 9, step 1 \(list\): .*at must match pattern/],
  ['endpoint: read', 'endpoint: all', /line 11, step 2 \(all\): all is the name of all endpoints/],
  ['from: 0', 'from: 20', /^items\.yaml, line 4: start is drawn from more than/],
  ['name: items', 'nam: items', /^items\.yaml, line 1: there is no nam here/],
  [
    '      status: 200',
    '      answer: item\n      status: 200',
    /step 2 \(read\): `answer` names a/,
  ],
  ['values:', 'values: [', /^items\.yaml: .* at line \d+/],
]

for (const [instead, written, said] of WRONG) {
  test(`"${written.trim()}" is refused, and where it is`, () => {
    assert.ok(GOOD.includes(instead))
    assert.throws(() => parseScenario(GOOD.replace(instead, written), 'items.yaml'), {
      name: 'ScenarioError',
      message: said,
    })
  })
}

test('a name and one step are enough: any answer of success is good', async () => {
  const { steps } = parseScenario(
    '{ name: a, steps: [{ endpoint: a, method: GET, path: / }] }',
    'a',
  )
  const { judge } = compileJourney({ steps }, new Map()).begin(() => 0)
  const kindOf = (status: number) =>
    judge({ status, headers: [], body: Buffer.from('<html>') }).kind
  assert.deepEqual([200, 204, 299, 302, 404].map(kindOf), [
    'complete',
    'complete',
    'complete',
    'failed',
    'failed',
  ])
})

const CHOICES = `name: choices
values:
  token: { env: A_TOKEN }
  colour: { oneOf: [red, green, 3, null] }
  page: { from: 1, to: 3 }
steps:
  - endpoint: add
    method: POST
    path: /items/{page}
    headers: { Authorization: 'Bearer {token}' }
    body: { colour: '{colour}' }
`

/** In [0, 1), from one seed always the same. */
function evenly(seed: number): () => number {
  let at = seed
  return () => (at = (at + 0.618_034) % 1)
}

test('choices from a list and a range are drawn from the seed, each of them at some time', async (t) => {
  const path = await fileOf(t, CHOICES)
  const { journey } = await readScenario(path, { A_TOKEN: 'abc' })
  const drawn = (seed: number) => {
    const random = evenly(seed)
    return Array.from({ length: 60 }, () => journey.begin(random).request)
  }
  assert.deepEqual(drawn(0.1), drawn(0.1))
  assert.notDeepEqual(drawn(0.1), drawn(0.2))
  const bodies = new Set(drawn(0.1).map(({ body }) => body))
  const all = ['"red"', '"green"', '3', 'null'].map((colour) => `{"colour":${colour}}`)
  assert.deepEqual(bodies, new Set(all))
  assert.deepEqual(
    new Set(drawn(0.1).map((one) => one.path)),
    new Set(['/items/1', '/items/2', '/items/3']),
  )
  assert.equal(drawn(0.1)[0]?.headers, 'Authorization: Bearer abc\r\n')
})

test('a variable of the environment that is not set is named, with the line', async (t) => {
  const path = await fileOf(t, CHOICES)
  await assert.rejects(readScenario(path, {}), /scenario\.yaml, line 3: A_TOKEN is not set/)
})

async function fileOf(t: TestContext, yaml: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scenario-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'scenario.yaml')
  await writeFile(path, yaml)
  return path
}

test('paths alone are a journey, each path a step of its own name', async () => {
  const { journey } = await readScenario({
    paths: ['/', '/items/7?full=1', '/items/7', '/items-7', '/all'],
  })
  assert.deepEqual(journey.endpoints, ['root', 'items-7-full-1', 'items-7', 'items-7-2', 'get-all'])
  await assert.rejects(
    readScenario({ paths: ['/items/{id}'] }),
    /step 1 \(items-id\): \{id\} is no value/,
  )
})

test('an empty file is no scenario', () => {
  assert.throws(() => parseScenario('', 'items.yaml'), { name: 'ScenarioError' })
})

test('what a scenario names must be there: a file, and a function in it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'scenario-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'scenario.yaml')
  const withAnswer = GOOD.replace('      status: 200', '      answer: item\n      status: 200')
  await writeFile(path, `${withAnswer}answers: answers.ts\n`)
  await assert.rejects(readScenario(path), /answers\.ts, which .*scenario\.yaml names, cannot be/)
  await writeFile(join(folder, 'answers.ts'), 'export const other = (): boolean => true\n')
  await assert.rejects(
    readScenario(path),
    /, line 15, step 2 \(read\): answers\.ts has no function item; it has other\.$/,
  )
  const withCode = GOOD.replace('  size: 5', '  size: { code: drawn }')
  await writeFile(path, `${withCode}answers: answers.ts\n`)
  await assert.rejects(
    readScenario(path),
    /scenario\.yaml, line 3: answers\.ts has no function drawn; it has other\.$/,
  )
  await writeFile(path, `${GOOD}contract: { openapi: api.yaml, cases: cases.ts }\n`)
  await assert.rejects(readScenario(path), /api\.yaml, which .* names, cannot be read/)
})
