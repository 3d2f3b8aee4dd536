import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestWriter } from './parser.ts'

test('a read: the base path before its own, without a slash too many', () => {
  for (const base of ['http://shop:8080/pooled', 'http://shop:8080/pooled/']) {
    assert.equal(
      requestWriter(base)({ method: 'GET', path: '/products/7' }),
      'GET /pooled/products/7 HTTP/1.1\r\nHost: shop:8080\r\nConnection: keep-alive\r\n' +
        'Accept: application/json\r\nAccept-Encoding: identity\r\n\r\n',
    )
  }
})

test('a body goes with its type and its length in bytes', () => {
  const bytes = requestWriter('http://shop')({ method: 'POST', path: '/orders', body: '{"é":1}' })
  assert.match(bytes, /^POST \/orders HTTP\/1\.1\r\nHost: shop\r\n/)
  assert.match(bytes, /Content-Type: application\/json\r\nContent-Length: 8\r\n\r\n{"é":1}$/)
})

test('user and password of the URL go into a header, not into Host', () => {
  const bytes = requestWriter('http://a%20b:c@shop')({ method: 'GET', path: '/' })
  assert.match(bytes, /Host: shop\r\n/)
  assert.match(bytes, /Authorization: Basic YSBiOmM=\r\n/)
})

test('a request that brings its own authorization is sent with no other', () => {
  const headers = 'authorization: Bearer abc\r\n'
  const bytes = requestWriter('http://a:b@shop')({ method: 'GET', path: '/', headers })
  assert.deepEqual(bytes.match(/^authorization: .*$/gim), ['authorization: Bearer abc'])
})

test('an IPv6 host keeps its brackets', () => {
  assert.match(requestWriter('http://[::1]:80')({ method: 'GET', path: '/' }), /Host: \[::1\]\r\n/)
})
