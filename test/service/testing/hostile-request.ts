import fc from 'fast-check'
import { signed } from '../../../scenarios/shop/tokens.ts'
import { signedIn } from '../../fixtures/shop.ts'
import type { Sent } from './send.ts'

/** Where numbers, parsers and databases have their edges. */
const edge = fc.constantFrom(
  ...`0 1 7 -1 100 101 1.5 1e3 01 +1 -0 NaN Infinity 2147483647 2147483648 9007199254740991 9007199254740992
    9223372036854775807 9223372036854775808 1e400 null true %00 %ff %E0%A4%A % %2F ..%2f 1;drop 1'-- __proto__
    constructor ٣ １`.split(/\s+/),
  '',
  ' 1',
)

/** A character of one byte. */
const byte = (min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((code) => String.fromCharCode(code))

/** Lone surrogates have no encoding. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

const segment = fc.oneof(
  edge,
  fc.string().map(encoded),
  // What may stand in a request line: Node's server refuses the rest before the app sees it.
  fc.string({ unit: byte(0x21, 0x7e) }),
)
/** Paths that are right, nearly right, or anything. */
const path = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom('/products', '/orders', '/sign-in') },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom('/products/', '/orders/'), segment)
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: segment.map((text) => `/${text}`) },
    { weight: 1, arbitrary: segment.map((text) => `/products?${text}`) },
  )
  .map((text) => text.replaceAll(/[^\x21-\x7e]/gu, encoded))

const text = fc.string({ unit: 'binary' }).map((any) => JSON.stringify(any))
const value = fc.oneof(
  edge,
  fc.json(),
  fc.maxSafeInteger().map(String),
  fc.double().map(String),
  text,
)
const small = fc.oneof(fc.integer({ min: -1, max: 50 }).map(String), value)
const members = (...names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .array(fc.tuple(fc.oneof(fc.constantFrom(...names, '__proto__'), fc.string()), small), {
      maxLength: 5,
    })
    .map((all) => `{${all.map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`)

const rightOrder = fc
  .record({
    number: fc.oneof(fc.stringMatching(/^[ab]{1,2}$/), fc.stringMatching(/^[a-z]{9}$/)),
    productId: fc.integer({ min: 1, max: 10 }),
    place: fc.nat(3),
    quantity: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -10, max: 110 })),
  })
  .map(({ number, productId, place, quantity }) => {
    return JSON.stringify({ number, productId, items: [{ id: 4 * productId - place, quantity }] })
  })
const orderLike = fc
  .record({
    number: fc.oneof(
      fc.stringMatching(/^[a-z]{1,9}$/).map((name) => `"${name}"`),
      value,
    ),
    productId: small,
    items: fc.oneof(
      fc.tuple(small, small).map(([id, quantity]) => `[{"id":${id},"quantity":${quantity}}]`),
      value,
    ),
  })
  .map(({ number, productId, items }) => {
    return `{"number":${number},"productId":${productId},"items":${items}}`
  })
const signInLike = fc
  .tuple(fc.oneof(fc.constant('"user-1@example.com"'), value), value)
  .map(([email, password]) => `{"email":${email},"password":${password}}`)

/** Bodies that are right, nearly right, or anything. */
const body = fc.oneof(
  { weight: 3, arbitrary: rightOrder },
  { weight: 6, arbitrary: orderLike },
  { weight: 2, arbitrary: members('number', 'productId', 'items') },
  { weight: 2, arbitrary: signInLike },
  { weight: 1, arbitrary: members('email', 'password') },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
)

/** What Node's client lets through in a header's value. */
const headerText = fc.string({
  unit: fc.oneof(byte(0x20, 0x7e), byte(0x80, 0xff)),
  maxLength: 300,
})
const claims = fc
  .dictionary(fc.constantFrom('sub', 'exp', 'nbf', 'iat', 'aud'), fc.jsonValue({ maxDepth: 1 }))
  .map((all) => `Bearer ${signed(all)}`)
const header = {
  authorization: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(1, 2).map((user) => signedIn(user).authorization) },
    { weight: 1, arbitrary: claims },
    { weight: 1, arbitrary: headerText.map((any) => `Bearer ${any}`) },
    { weight: 1, arbitrary: headerText },
  ),
  'content-type': fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('application/json', 'Application/JSON; charset=utf-8'),
    },
    { weight: 1, arbitrary: headerText },
  ),
  accept: headerText,
}
const headers: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  { weight: 3, arbitrary: fc.record(header) },
  { weight: 1, arbitrary: fc.record(header, { requiredKeys: [] }) },
)

/**
 * Requests of any client: right, wrong in any number of things, or anything. What is no HTTP, too large or too
 * slow is for the front door.
 */
export const hostileRequest: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('GET', 'POST') },
      { weight: 1, arbitrary: fc.constantFrom('HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS') },
    ),
    path,
    headers,
    body: fc.option(body, { nil: undefined }),
  })
  .map((request) =>
    request.method === 'POST' && request.path.length % 4 !== 0
      ? { ...request, path: '/orders' }
      : request,
  )
