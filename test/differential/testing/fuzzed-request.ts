import fc from 'fast-check'
import { hostileBody } from '../../service/testing/hostile-body.ts'
import { hostilePath } from '../../service/testing/hostile-path.ts'
import { byte, edge } from '../../service/testing/hostile-values.ts'
import { DECIDED } from './cases.ts'
import { rawOrder, rawRequest, type RawRequest } from './raw-request.ts'

type Header = readonly [name: string, value: string]
type Headers = readonly Header[]

const visible = fc.string({ unit: byte(0x21, 0x7e), maxLength: 40 })
const fieldValue = fc
  .string({ unit: fc.oneof(byte(0x20, 0x7e), byte(0x80, 0xff)), maxLength: 300 })
  .map((text) => text.trim())

const targetText = fc.oneof(
  { weight: 5, arbitrary: hostilePath },
  { weight: 1, arbitrary: visible.map((text) => `/products/${text}`) },
  { weight: 1, arbitrary: visible.map((text) => `/products?limit=${text}`) },
  { weight: 1, arbitrary: hostilePath.map((path) => `http://shop.test${path}`) },
)
const method = fc.oneof(
  { weight: 3, arbitrary: fc.constant('GET') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'HEAD',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'QUERY',
      'POST',
    ),
  },
)

/** Headers that change nothing, whatever they say. */
const idleHeader: fc.Arbitrary<Header> = fc.tuple(
  fc.oneof(
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/).map((name) => `X-${name}`),
    fc.constantFrom(
      'Accept',
      'Accept-Encoding',
      'Content-Encoding',
      'Content-Language',
      'Cookie',
      'Forwarded',
      'If-Match',
      'If-Modified-Since',
      'If-None-Match',
      'Origin',
      'Range',
      'Script_Name',
      'TE',
      'User-Agent',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'X-HTTP-Method-Override',
    ),
  ),
  fieldValue,
)
const plainHeaders: fc.Arbitrary<Headers> = fc.oneof(
  { weight: 10, arbitrary: fc.array(idleHeader, { maxLength: 4 }) },
  { weight: 1, arbitrary: headersOf(fc.constantFrom(30, 60, 90), fc.integer({ min: 0, max: 60 })) },
  {
    weight: 1,
    arbitrary: headersOf(fc.constant(1), fc.constantFrom(1_000, 4_000, 8_000, 15_000)),
  },
)

function headersOf(
  count: fc.Arbitrary<number>,
  bytes: fc.Arbitrary<number>,
): fc.Arbitrary<Headers> {
  return fc.tuple(count, bytes).map(([many, long]) => {
    return Array.from({ length: many }, (_, at) => [`X-${at}`, 'x'.repeat(long)] as const)
  })
}

/** Headers by which a head is no HTTP, or too large. */
const flawedHeaders: fc.Arbitrary<Headers> = fc.oneof(
  fc
    .tuple(fc.constantFrom('X ', '', 'X:Y Z', '(x)', ' X', 'X\t', '\x7f'), fieldValue)
    .map((one): Headers => [one]),
  fc
    .tuple(fieldValue, byte(0x00, 0x1f), fieldValue)
    .filter(([, control]) => control !== '\t')
    .map(([before, control, after]): Headers => [['X', `a${before}${control}${after}b`]]),
  fc.constantFrom<Headers>(
    [['Host', '']],
    [['Host', 'a b']],
    [
      ['Host', 'a'],
      ['Host', 'a'],
    ],
    [
      ['Content-Length', '0'],
      ['Content-Length', '0'],
    ],
    [['Content-Length', 'x']],
    [['Transfer-Encoding', 'gzip']],
    [['Transfer-Encoding', 'identity']],
    [['Expect', '200-ok']],
  ),
  headersOf(fc.constantFrom(110, 200), fc.integer({ min: 0, max: 30 })),
  headersOf(fc.constant(1), fc.constantFrom(17_500, 40_000)),
  headersOf(fc.constant(3), fc.constant(7_000)),
)

/** One flaw of a head, or none: which of two is reported is left to a service. */
const flaw: fc.Arbitrary<(request: RawRequest) => RawRequest> = fc.oneof(
  { weight: 12, arbitrary: fc.constant((request: RawRequest) => request) },
  {
    weight: 1,
    arbitrary: flawedHeaders.map((headers) => (request: RawRequest) => ({
      ...request,
      headers: [...request.headers, ...headers],
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('PROPFIND', 'LINK', 'BREW', 'get', 'PRI', 'M-SEARCH', 'G', 'X'.repeat(30))
      .map((odd) => (request: RawRequest) => ({ ...request, method: odd })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('HTTP/1.2', 'HTTP/2.0', 'HTTP/11', 'http/1.1', 'HTTP/1.1 ', 'HTTP/0.9')
      .map((odd) => (request: RawRequest) => ({ ...request, version: odd })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('', 'products', '*', 'ftp://shop.test/products', '/pro ducts', '/\x7f', '/\xe9')
      .map((target) => (request: RawRequest) => ({ ...request, target })),
  },
  { weight: 1, arbitrary: fc.constant((request: RawRequest) => ({ ...request, lineEnd: '\n' })) },
)

const key: fc.Arbitrary<Headers> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc
      .stringMatching(/^[a-c]{1,2}$/)
      .map((text): Headers => [['Idempotency-Key', text]]),
  },
  { weight: 1, arbitrary: fieldValue.map((text): Headers => [['Idempotency-Key', text]]) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(visible, visible)
      .map((keys): Headers => keys.map((text) => ['Idempotency-Key', text] as const)),
  },
)
const contentType: fc.Arbitrary<Headers> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .constantFrom('application/json', 'Application/JSON; charset=utf-8')
      .map((type): Headers => [['Content-Type', type]]),
  },
  { weight: 1, arbitrary: fieldValue.map((type): Headers => [['Content-Type', type]]) },
  {
    weight: 1,
    arbitrary: fieldValue.map((type): Headers => [
      ['Content-Type', 'application/json'],
      ['Content-Type', type],
    ]),
  },
)

const framing: fc.Arbitrary<RawRequest['framing']> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('length' as const) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 64, max: 9_000 }).map((chunkBytes) => ({ chunkBytes })),
  },
)

/** An order, and one that is nearly one: a part of it made something else. */
const member = fc.tuple(
  fc.constantFrom('productId', 'quantity', 'product_id', 'ProductId', 'note', '__proto__'),
  fc.oneof(
    edge,
    fc.json(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc
      .tuple(fc.constantFrom('', '-'), fc.integer({ min: 1, max: 600 }))
      .map(([sign, digits]) => `${sign}${'9'.repeat(digits)}`),
    fc
      .tuple(fc.integer({ min: -9, max: 2_000 }), fc.integer({ min: -400, max: 400 }))
      .map(([n, e]) => `${n}e${e}`),
    fc.integer({ min: 0, max: 130 }).map((levels) => '['.repeat(levels) + ']'.repeat(levels)),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => JSON.stringify(text)),
  ),
)
const nearlyOrder = fc
  .tuple(
    fc.integer({ min: 1, max: 1_100 }),
    fc.integer({ min: -1, max: 1_002 }),
    fc.array(member, { maxLength: 3 }),
  )
  .map(([productId, quantity, members]) => {
    const more = members.map(([name, json]) => `,${JSON.stringify(name)}:${json}`).join('')
    return Buffer.from(`{"productId":${productId},"quantity":${quantity}${more}}`)
  })
const damaged = fc
  .tuple(
    nearlyOrder,
    fc.nat({ max: 60 }),
    fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom(
        Buffer.from('\ufeff'),
        Buffer.from([0xff]),
        Buffer.from([0xed, 0xa0, 0x80]),
        Buffer.from('NaN'),
        Buffer.from('Infinity'),
      ),
    ),
  )
  .map(([body, at, bytes]) => Buffer.concat([body.subarray(0, at), bytes, body.subarray(at)]))
const recoded = fc
  .tuple(nearlyOrder, fc.constantFrom('utf16le', 'utf16be'))
  .map(([body, coding]) => {
    const wide = Buffer.from(body.toString(), 'utf16le')
    return coding === 'utf16le' ? wide : wide.swap16()
  })
const body = fc.oneof(
  { weight: 4, arbitrary: nearlyOrder },
  { weight: 2, arbitrary: damaged },
  { weight: 1, arbitrary: recoded },
  { weight: 2, arbitrary: hostileBody },
)

const order = fc
  .record({ headers: fc.tuple(contentType, key, plainHeaders), body, framing })
  .map(({ headers, body: bytes, ...rest }) => ({
    ...rawOrder(bytes),
    ...rest,
    headers: headers.flat(),
  }))
const reading = fc
  .record({
    method,
    target: targetText,
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0'),
    headers: plainHeaders,
  })
  .map((parts) => rawRequest(parts))
const withBody = fc
  .tuple(reading, body, framing)
  .map(([request, bytes, how]) => ({ ...request, body: bytes, framing: how, version: 'HTTP/1.1' }))

/** A decided case to which something is added that changes nothing. */
const decided = fc
  .tuple(fc.constantFrom(...DECIDED), fc.array(idleHeader, { maxLength: 2 }))
  .map(([{ request }, headers]) => ({ ...request, headers: [...request.headers, ...headers] }))

/** Requests that are right, nearly right, or anything. */
export const fuzzedRequest: fc.Arbitrary<RawRequest> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(
        fc.oneof(
          { weight: 4, arbitrary: order },
          { weight: 4, arbitrary: reading },
          { weight: 1, arbitrary: withBody },
        ),
        flaw,
      )
      .map(([request, make]) => make(request)),
  },
  { weight: 1, arbitrary: decided },
)
