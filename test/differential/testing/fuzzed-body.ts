import fc from 'fast-check'
import { beyond53Bits, goodNumber, integer } from './fuzzed-values.ts'

/** JSON that no service reads, since nothing asks for it. */
const note = fc.option(
  fc.json({ maxDepth: 4 }).map((json) => `,"note":${json}`),
  { nil: '' },
)

/** Each member as JSON text; undefined: it is missing. */
type Fields = Readonly<Record<'number' | 'productId' | 'items', string | undefined>>
export type Members = Readonly<{ text: string; fields: Fields }>

const textOf = (fields: Fields, more = ''): string => {
  const members = Object.entries(fields).flatMap(([name, json]) =>
    json === undefined ? [] : [`"${name}":${json}`],
  )
  return `{${members.join(',')}${more}}`
}
const itemText = (id: string, quantity: string): string => `{"id":${id},"quantity":${quantity}}`

const quoted = goodNumber.map((text) => JSON.stringify(text))
const quantity = fc.oneof(
  { weight: 9, arbitrary: integer(1, 3) },
  { weight: 1, arbitrary: integer(1, 100) },
)

/** Orders that are right: of some items of one of the ten products on sale. */
export const orderText: fc.Arbitrary<Members> = fc
  .tuple(
    quoted,
    fc.integer({ min: 1, max: 10 }),
    fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 4 }),
    fc.array(quantity, { minLength: 4, maxLength: 4 }),
    note,
  )
  .map(([number, product, places, quantities, more]) => {
    const items = places.map((place, at) =>
      itemText(String(4 * product - place), quantities[at] ?? '1'),
    )
    const fields = { number, productId: String(product), items: `[${items.join(',')}]` }
    return { fields, text: textOf(fields, more) }
  })

const wrongKind = fc.oneof(
  fc.constantFrom('null', 'true', '[]', '{}', '1.5', '-0.5', '"1"', '[1]', '{"a":1}'),
  fc
    .string({ unit: 'binary', maxLength: 20 })
    .filter((text) => text.isWellFormed())
    .map((text) => JSON.stringify(text)),
)
const noId = fc.oneof(wrongKind, integer(-1_000, 0), beyond53Bits, fc.constant(undefined))
const noNumber = fc.oneof(
  fc.constantFrom('null', 'true', '[]', '{}', '7', '""', '"a b"', '"é"', '"a\\n"', '"a\\u0000"'),
  fc.integer({ min: 65, max: 200 }).map((length) => `"${'n'.repeat(length)}"`),
  fc.constant(undefined),
)
const noList = fc.constantFrom('null', 'true', '7', '{}', '""', '"[]"', undefined)
const noItem = fc.constantFrom('null', 'true', '7', '""', '[]', '{}', '{"id":1}', '{"quantity":1}')
const outOfRange = fc.oneof(
  integer(-1_000, 0),
  integer(101, 1_000),
  integer(101, Number.MAX_SAFE_INTEGER),
)
const distinctItems = (length: number): string =>
  Array.from({ length }, (_, at) => itemText(String(at + 1), '1')).join(',')

/** With one member that no order has. */
const wrongItems: fc.Arbitrary<string | undefined> = fc.oneof(
  noList,
  noItem.map((item) => `[${item}]`),
  noId.map((json) => `[${json === undefined ? '{"quantity":1}' : itemText(json, '1')}]`),
  wrongKind.map((json) => `[${itemText('1', json)}]`),
  outOfRange.map((json) => `[${itemText('1', json)}]`),
  fc.constant('[]'),
  fc.integer({ min: 11, max: 60 }).map((length) => `[${distinctItems(length)}]`),
  fc.tuple(integer(1, 40), integer(1, 9)).map(([id, times]) => {
    return `[${Array.from({ length: Number(times) + 1 }, () => itemText(id, '1')).join(',')}]`
  }),
)

/** A product and an item of the seed that cannot be had together, or not at all. */
const notToBeHad = fc.oneof(
  // Of another product, or of none.
  fc
    .tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 60 }))
    .map(([product, at]) => {
      const own = at > 4 * product - 4 && at <= 4 * product
      return [String(product), String(own ? at + 4 : at)] as const
    }),
  // Withdrawn, over, not yet, sold out.
  fc.constantFrom('41', '42', '43', '44').map((item) => ['11', item] as const),
  // Not shown.
  fc.constant(['12', '45'] as const),
  fc.tuple(integer(13, Number.MAX_SAFE_INTEGER), integer(1, 60)),
)

/** Orders that are wrong in one thing. */
export const wrongOrder: fc.Arbitrary<string> = fc
  .tuple(orderText, note)
  .chain(([{ fields }, more]) =>
    fc.oneof(
      noNumber.map((number) => textOf({ ...fields, number }, more)),
      noId.map((productId) => textOf({ ...fields, productId }, more)),
      wrongItems.map((items) => textOf({ ...fields, items }, more)),
      fc.tuple(notToBeHad, quantity).map(([[productId, item], pieces]) => {
        return textOf({ ...fields, productId, items: `[${itemText(item, pieces)}]` }, more)
      }),
    ),
  )

export const malformed: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .tuple(orderText, fc.integer({ min: 1, max: 20 }))
    .map(([{ text }, at]) => Buffer.from(text.slice(0, at))),
  orderText.map(({ text }) => Buffer.from(`${text}]`)),
  fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from([0x02, ...bytes])),
  fc.constantFrom('[]', '""', '7', 'true', 'null').map((text) => Buffer.from(text)),
)

const password = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 255 })
  .filter((text) => text.isWellFormed() && text.length <= 255)
const someone = fc.integer({ min: 1, max: 3 }).map((user) => `user-${user}@example.com`)
const nobody = fc.stringMatching(/^[!-~]{1,40}$/)
const noText = fc.constantFrom(null, true, 7, [], {}, '', 'x'.repeat(256), undefined)

/** Of a user of the seed and the right password, or wrong in one thing. */
export const signInText: fc.Arbitrary<string> = fc
  .oneof(
    fc.record({ email: someone, password: fc.constant<unknown>('correct horse') }),
    fc.record({ email: someone, password }),
    fc.record({ email: nobody, password }),
    fc.record({ email: noText, password }),
    fc.record({ email: nobody, password: noText }),
    fc.record({ email: fc.constantFrom('a b', 'é@example.com', 'a\0b', 'a\n'), password }),
  )
  .map((body: object) => JSON.stringify(body))
