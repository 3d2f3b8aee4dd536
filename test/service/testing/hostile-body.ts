import fc from 'fast-check'
import { edge } from './hostile-values.ts'

const value = fc.oneof(
  edge,
  fc.json(),
  fc.integer({ min: 1, max: 1_000 }).map(String),
  fc.maxSafeInteger().map(String),
  fc.double().map(String),
  fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
)
const member = fc.tuple(
  fc.oneof(fc.constantFrom('productId', 'quantity', '__proto__', 'constructor'), fc.string()),
  value,
)
const orderLike = fc
  .array(member, { maxLength: 5 })
  .map(
    (members) => `{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`,
  )
const order = fc
  .tuple(fc.integer({ min: 1, max: 1_200 }), fc.integer({ min: -2, max: 1_005 }))
  .map(([productId, quantity]) => JSON.stringify({ productId, quantity }))

/** Bodies that are orders, nearly orders, or anything. */
export const hostileBody = fc.oneof(
  { weight: 4, arbitrary: order.map((text) => Buffer.from(text)) },
  { weight: 4, arbitrary: orderLike.map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.json().map((text) => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 16_380, max: 40_000 }).map((size) => Buffer.alloc(size, ' ')),
  },
)
