import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { headerTemplate, jsonTemplate, pathTemplate, pointer } from './template.ts'

const HOSTILE = 'a/b?c="d"\r\nX: é{x}'

test('a path holds a value as one segment, a number as it is', () => {
  const path = pathTemplate('/a/{text}/b?n={number}&k={constant}', { constant: 7 })
  const filled = path({ text: HOSTILE, number: 12 })
  assert.equal(filled, `/a/${encodeURIComponent(HOSTILE)}/b?n=12&k=7`)
})

test('a header holds nothing that ends its line', () => {
  const line = headerTemplate('X-Topic: {text}\r\n', {})({ text: HOSTILE })
  assert.equal(line, 'X-Topic: a/b?c="d"X: {x}\r\n')
})

test('JSON keeps the type of a value that stands alone, and quotes one within a text', () => {
  const body = jsonTemplate({ id: '{id}', list: ['{text}', 1, null, true], said: 'of {text}' }, {})
  assert.equal(
    body({ id: 5, text: 'a"b' }),
    '{"id":5,"list":["a\\"b",1,null,true],"said":"of a\\"b"}',
  )
  assert.equal(body({ id: { a: [1] }, text: '' }).slice(0, 15), '{"id":{"a":[1]}')
})

test('whatever the values are, the body is JSON that holds them', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), fc.string(), (value, text, constant) => {
      const template = { value: '{value}', text: 'x{text}y', constant: '{constant}', '{k}"': [] }
      const body = jsonTemplate(template, { constant })({ value, text })
      const expected = JSON.stringify({ value, text: `x${text}y`, constant, '{k}"': [] })
      assert.equal(body, expected)
    }),
  )
})

test('a pointer finds own members alone', () => {
  const value = { items: [{ 'a/b': 1, 'm~n': null }], '': 2 }
  assert.equal(pointer('/items/0/a~1b')(value), 1)
  assert.equal(pointer('/items/0/m~0n')(value), null)
  assert.equal(pointer('/')(value), 2)
  assert.equal(pointer('')(value), value)
  for (const path of ['/items/1/id', '/constructor', '/items/0/a~1b/c', '/none'])
    assert.equal(pointer(path)(value), undefined, path)
})
