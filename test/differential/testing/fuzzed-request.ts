import fc from 'fast-check'
import type { ShopRequest } from './compare.ts'

/*
 * Requests of the contract's own words, with one flaw at most: of two, a service may report either. What the
 * contract leaves to frameworks (other spellings of a number, names given twice) is left out.
 */

const visible = fc.stringMatching(/^[!-~]{0,40}$/)
/** Text that no framework takes for an integer, percent-encoded where it has to be. */
const word = fc
  .oneof(
    fc.stringMatching(/^[a-z'"<>|,;:!*()]{1,20}$/),
    fc.string({ unit: 'binary', minLength: 1 }),
  )
  .filter((text) => !/[\d/?#%.\0]|^\s*$/u.test(text) && text.isWellFormed())
  .map(encodeURIComponent)
  .filter((text) => !/%C2%A0|%E[123]/i.test(text))

const number = (min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map(String)

const id = fc.oneof(
  { weight: 4, arbitrary: number(1, 1_200) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }).map(String) },
  { weight: 1, arbitrary: number(-1_000, 0) },
  {
    weight: 1,
    arbitrary: fc.bigInt({ min: 2n ** 53n, max: 10n ** 60n }).map(String),
  },
  { weight: 2, arbitrary: word },
)

const goodLimit = number(1, 100)
const badLimit = fc.oneof(
  number(-1_000, 0),
  fc.bigInt({ min: 101n, max: 10n ** 60n }).map(String),
  word,
  fc.constant(''),
)
const goodOffset = number(0, 1_000_000)
const badOffset = fc.oneof(
  number(-1_000, -1),
  fc.bigInt({ min: 1_000_001n, max: 10n ** 60n }).map(String),
  word,
  fc.constant(''),
)
const otherParameter = fc
  .tuple(fc.stringMatching(/^[xyz]{1,5}$/), word)
  .map(([name, value]) => `${name}=${value}`)

const pair = (name: string, value: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc
    .option(value, { nil: undefined })
    .map((text) => (text === undefined ? [] : [`${name}=${text}`]))

const query = fc
  .tuple(
    fc.oneof(
      fc.tuple(pair('limit', goodLimit), pair('offset', goodOffset)),
      fc.tuple(pair('limit', badLimit), pair('offset', goodOffset)),
      fc.tuple(pair('limit', goodLimit), pair('offset', badOffset)),
    ),
    fc.array(otherParameter, { maxLength: 2 }),
  )
  .map(([[limit, offset], others]) => [...limit, ...others, ...offset].join('&'))

/** Headers that change nothing, whatever they say. */
const idleHeaders = fc.dictionary(
  fc.oneof(
    fc.stringMatching(/^x-[a-z][a-z0-9-]{0,20}$/),
    fc.constantFrom(
      'accept',
      'accept-language',
      'cookie',
      'if-match',
      'if-none-match',
      'origin',
      'range',
    ),
  ),
  visible,
  { maxKeys: 4, noNullPrototype: true },
)

const reading: fc.Arbitrary<ShopRequest> = fc
  .record({
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constant('GET') },
      {
        weight: 1,
        arbitrary: fc.constantFrom('HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST'),
      },
    ),
    path: fc.oneof(
      { weight: 4, arbitrary: id.map((text) => `/products/${text}`) },
      { weight: 4, arbitrary: id.map((text) => `/orders/${text}`) },
      {
        weight: 4,
        arbitrary: query.map((text) => (text === '' ? '/products' : `/products?${text}`)),
      },
      { weight: 1, arbitrary: fc.stringMatching(/^\/[a-z]{1,12}$/) },
    ),
    headers: idleHeaders,
  })
  .filter(({ method, path }) => method !== 'POST' || path !== '/orders')

/** JSON that no service reads, since nothing asks for it. */
const note = fc.json({ maxDepth: 4 }).map((json) => `,"note":${json}`)
const wrongKind = fc.oneof(
  fc.constantFrom('null', 'true', '[]', '{}', '1.5', '-0.5', '"1"', '[1]', '{"a":1}'),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => JSON.stringify(text)),
)
const members = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(number(1, 1_100), number(1, 1_000)) },
  { weight: 1, arbitrary: fc.tuple(number(1, 1_000), number(-1_000, 0)) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      number(1, 1_000),
      fc.integer({ min: 1_001, max: Number.MAX_SAFE_INTEGER }).map(String),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(number(-1_000, 0), number(1, 1_000)) },
  { weight: 1, arbitrary: fc.tuple(wrongKind, number(1, 1_000)) },
  { weight: 1, arbitrary: fc.tuple(number(1, 1_000), wrongKind) },
)
const orderText = fc
  .tuple(members, fc.option(note, { nil: '' }))
  .map(
    ([[productId, quantity], more]) => `{"productId":${productId},"quantity":${quantity}${more}}`,
  )

const malformed = fc.oneof(
  fc.tuple(orderText, fc.nat({ max: 20 })).map(([text, at]) => Buffer.from(text.slice(0, at))),
  orderText.map((text) => Buffer.from(`${text}]`)),
  fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from([0x02, ...bytes])),
  fc.constantFrom('[]', '""', '7', 'true').map((text) => Buffer.from(text)),
)

const JSON_TYPE = fc.constantFrom('application/json', 'Application/JSON; charset=utf-8')
const orderWith = (
  type: fc.Arbitrary<string>,
  key: fc.Arbitrary<string | undefined>,
  body: fc.Arbitrary<string | Buffer>,
): fc.Arbitrary<ShopRequest> =>
  fc.tuple(idleHeaders, type, key, body).map(([headers, contentType, idempotencyKey, bytes]) => ({
    method: 'POST',
    path: '/orders',
    headers: {
      ...headers,
      'content-type': contentType,
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    body: bytes,
  }))

const goodKey = fc.option(fc.stringMatching(/^[a-c]{1,2}$/), { nil: undefined, freq: 1 })
const badKey = fc.oneof(
  fc.constantFrom('', 'a b', '\xe9', 'k'.repeat(256)),
  fc
    .tuple(fc.stringMatching(/^[a-z]{1,9}$/), fc.stringMatching(/^[a-z]{1,9}$/))
    .map((two) => two.join(' ')),
)
const goodBody = fc
  .tuple(number(1, 1_000), number(1, 1_000), fc.option(note, { nil: '' }))
  .map(([productId, quantity, more]) => `{"productId":${productId},"quantity":${quantity}${more}}`)
const badType = fc.oneof(
  fc.constantFrom('', 'text/plain', 'application/jsonx', 'application/xml', 'text/json'),
  fc.stringMatching(/^[a-z]{1,9}\/[a-z]{1,9}$/),
)

const placing = fc.oneof(
  { weight: 6, arbitrary: orderWith(JSON_TYPE, goodKey, orderText) },
  { weight: 1, arbitrary: orderWith(JSON_TYPE, goodKey, malformed) },
  { weight: 1, arbitrary: orderWith(JSON_TYPE, badKey, goodBody) },
  { weight: 1, arbitrary: orderWith(badType, goodKey, goodBody) },
)

/** Requests that are right, or wrong in one thing that the contract decides. */
export const fuzzedRequest: fc.Arbitrary<ShopRequest> = fc.oneof(reading, placing)
