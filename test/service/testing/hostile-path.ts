import fc from 'fast-check'
import { byte, edge } from './hostile-values.ts'

/** What may stand in a request line; Node's server refuses the rest before the app sees it. */
const pathText = fc.string({ unit: byte(0x21, 0x7e) })
const segment = fc.oneof(edge, fc.string().map(encodeURIComponentSafely), pathText)

const query = fc
  .array(fc.tuple(fc.oneof(fc.constantFrom('limit', 'offset'), segment), segment), { maxLength: 4 })
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'))

/** Paths that are right, nearly right, or anything. */
export const hostilePath = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('/products', '/orders') },
      {
        weight: 4,
        arbitrary: fc
          .tuple(fc.constantFrom('/products/', '/orders/'), segment)
          .map((parts) => parts.join('')),
      },
      { weight: 1, arbitrary: segment.map((text) => `/${text}`) },
    ),
    fc.option(query, { nil: '' }),
  )
  .map(([target, search]) => ascii(search === '' ? target : `${target}?${search}`))

/** Lone surrogates have no encoding. */
function encodeURIComponentSafely(text: string): string {
  return encodeURIComponent(text.toWellFormed())
}

/** A path of visible ASCII. */
function ascii(text: string): string {
  return text.replaceAll(/[^\x21-\x7e]/gu, encodeURIComponentSafely)
}
