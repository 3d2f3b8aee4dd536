import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileJourney } from './journey.ts'

/** What one step that expects `json` makes of an answer. */
function verdictOf(json: object[], body: unknown, headers = ['content-type', 'application/json']) {
  const step = {
    endpoint: 'one',
    method: 'GET',
    path: '/',
    expect: { status: 200, json },
  } as const
  const values = { word: 'fixed', number: { from: 7, to: 7, step: 1 } }
  const { judge } = compileJourney({ values, steps: [step as never] }, new Map()).begin(() => 0)
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return judge({ status: 200, headers, body: bytes }).kind
}

/** A rule, what it takes, and what it does not. */
const RULES: readonly (readonly [object, readonly unknown[], readonly unknown[]])[] = [
  [{ at: '/a' }, [{ a: null }, { a: 0 }], [{}, [], null, { b: 1 }]],
  [{ at: '/a', equals: '{word}' }, [{ a: 'fixed' }], [{ a: '{word}' }, { a: 'Fixed' }]],
  [{ at: '/a', equals: '{number}' }, [{ a: 7 }], [{ a: '7' }, { a: 8 }]],
  [{ at: '/a', equals: null }, [{ a: null }], [{ a: 0 }, {}]],
  [{ at: '/a', count: 2 }, [{ a: [1, 2] }], [{ a: [1] }, { a: 'ab' }, { a: { length: 2 } }]],
  [{ at: '/a', min: 1 }, [{ a: 1 }, { a: 9 }], [{ a: 0.9 }, { a: '5' }, { a: null }]],
  [{ at: '/a', max: 1 }, [{ a: 1 }, { a: -9 }], [{ a: 1.1 }, { a: '0' }]],
  [{ at: '/a', type: 'string' }, [{ a: '' }], [{ a: 1 }, { a: null }]],
  [{ at: '/a', type: 'number' }, [{ a: 1.5 }], [{ a: '1' }]],
  [{ at: '/a', type: 'integer' }, [{ a: 1 }], [{ a: 1.5 }, { a: 2 ** 53 }]],
  [{ at: '/a', type: 'boolean' }, [{ a: false }], [{ a: 0 }]],
  [{ at: '/a', type: 'array' }, [{ a: [] }], [{ a: {} }]],
  [{ at: '/a', type: 'object' }, [{ a: {} }], [{ a: [] }, { a: null }]],
  [{ at: '/a', type: 'null' }, [{ a: null }], [{ a: 0 }]],
  [{ at: '', type: 'array' }, [[]], [{}]],
]

for (const [rule, taken, refused] of RULES) {
  test(`an answer is judged by ${JSON.stringify(rule)}`, () => {
    for (const body of taken) assert.equal(verdictOf([rule], body), 'complete')
    for (const body of refused) assert.equal(verdictOf([rule], body), 'failed')
  })
}

test('every rule of a step must hold', () => {
  const rules = [{ at: '/a' }, { at: '/b', min: 2 }]
  assert.equal(verdictOf(rules, { a: 1, b: 2 }), 'complete')
  assert.equal(verdictOf(rules, { a: 1, b: 1 }), 'failed')
  assert.equal(verdictOf(rules, { b: 2 }), 'failed')
})

test('a step that expects a status alone takes any body; one that looks into it needs JSON', () => {
  const html = ['content-type', 'text/html']
  assert.equal(verdictOf([], '<html>', html), 'complete')
  assert.equal(verdictOf([{ at: '' }], '{}', html), 'failed')
  assert.equal(verdictOf([{ at: '' }], '{'), 'failed')
})

test('nothing is taken from an empty list, and a step whose value is not there ends the journey', () => {
  const step = {
    endpoint: 'one',
    method: 'GET',
    path: '/',
    expect: { status: 200 },
    take: { id: { any: '/items', at: '/id' } },
  } as const
  const { judge } = compileJourney({ steps: [step] }, new Map()).begin(() => 0)
  const of = (body: unknown) =>
    judge({
      status: 200,
      headers: ['content-type', 'application/json'],
      body: Buffer.from(JSON.stringify(body)),
    }).kind
  assert.equal(of({ items: [{ id: 1 }] }), 'complete')
  for (const items of [[], [{}], {}, undefined]) assert.equal(of({ items }), 'failed')
})
