import fc from 'fast-check'
import type { ShopRequest } from './compare.ts'
import { malformed, type Members, orderText, signInText, wrongOrder } from './fuzzed-body.ts'
import { badToken, goodToken } from './fuzzed-token.ts'
import { id, orderNumber, visible } from './fuzzed-values.ts'

/*
 * Requests of the contract's own words, with one flaw at most: of two, a service may report either. What the
 * contract leaves to frameworks (other spellings of a number, names given twice) is left out.
 */

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
const otherParameters = fc
  .array(fc.tuple(fc.stringMatching(/^[xyz]{1,5}$/), fc.stringMatching(/^[a-z0-9]{0,9}$/)), {
    maxLength: 2,
  })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'))

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
      { weight: 4, arbitrary: orderNumber.map((text) => `/orders/${text}`) },
      {
        weight: 2,
        arbitrary: otherParameters.map((text) => (text === '' ? '/products' : `/products?${text}`)),
      },
      { weight: 1, arbitrary: fc.stringMatching(/^\/[a-z]{1,12}$/) },
    ),
    headers: fc.tuple(idleHeaders, goodToken).map(([idle, authorization]) => {
      return { ...idle, authorization }
    }),
  })
  // Not one of the contract's by chance.
  .filter(({ path }) => !['/orders', '/healthz', '/readyz'].includes(path))

const JSON_TYPE: fc.Arbitrary<string> = fc.constantFrom(
  'application/json',
  'Application/JSON; charset=utf-8',
)
const badType: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('', 'text/plain', 'application/jsonx', 'application/xml', 'text/json'),
  fc.stringMatching(/^[a-z]{1,9}\/[a-z]{1,9}$/),
)

const posting = (
  path: string,
  body: fc.Arbitrary<string | Buffer>,
  { type = JSON_TYPE, token = goodToken } = {},
): fc.Arbitrary<ShopRequest> =>
  fc.tuple(idleHeaders, type, token, body).map(([idle, contentType, authorization, bytes]) => ({
    method: 'POST',
    path,
    headers: { ...idle, 'content-type': contentType, authorization },
    body: bytes,
  }))

const goodOrder = orderText.map(({ text }: Members) => text)

const placing = fc.oneof(
  { weight: 6, arbitrary: posting('/orders', goodOrder) },
  { weight: 6, arbitrary: posting('/orders', wrongOrder) },
  { weight: 1, arbitrary: posting('/orders', malformed) },
  { weight: 2, arbitrary: posting('/orders', goodOrder, { token: badToken }) },
  { weight: 1, arbitrary: posting('/orders', goodOrder, { type: badType }) },
)

const viewingUnsigned: fc.Arbitrary<ShopRequest> = fc
  .tuple(orderNumber, badToken)
  .map(([number, authorization]) => {
    return { method: 'GET', path: `/orders/${number}`, headers: { authorization } }
  })

/** Requests that are right, or wrong in one thing that the contract decides. */
export const fuzzedRequest: fc.Arbitrary<ShopRequest> = fc.oneof(
  { weight: 8, arbitrary: reading },
  { weight: 12, arbitrary: placing },
  { weight: 1, arbitrary: viewingUnsigned },
  { weight: 1, arbitrary: posting('/sign-in', signInText) },
)
