import fc from 'fast-check'

export const visible = fc.stringMatching(/^[!-~]{0,40}$/)

/** Text that no framework takes for an integer, percent-encoded where it has to be. */
const word = fc
  .oneof(
    fc.stringMatching(/^[a-z'"<>|,;:!*()]{1,20}$/),
    fc.string({ unit: 'binary', minLength: 1 }),
  )
  .filter((text) => !/[\d/?#%.\0]|^\s*$/u.test(text) && text.isWellFormed())
  .map(encodeURIComponent)
  .filter((text) => !/%C2%A0|%E[123]/i.test(text))

export const integer = (min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map(String)

export const beyond53Bits = fc.bigInt({ min: 2n ** 53n, max: 10n ** 60n }).map(String)

/** Of a product in a path: there, not there, or none. */
export const id = fc.oneof(
  { weight: 4, arbitrary: integer(1, 14) },
  { weight: 1, arbitrary: integer(1, Number.MAX_SAFE_INTEGER) },
  { weight: 1, arbitrary: integer(-1_000, 0) },
  { weight: 1, arbitrary: beyond53Bits },
  { weight: 2, arbitrary: word },
)

/** Few, so that they come again, or any. */
export const goodNumber = fc.oneof(
  { weight: 1, arbitrary: fc.stringMatching(/^[a-c]{1,2}$/) },
  { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/) },
)

/** Of an order in a path: there, of somebody else, not there, or none. */
export const orderNumber = fc.oneof(
  { weight: 3, arbitrary: goodNumber },
  { weight: 1, arbitrary: word },
  { weight: 1, arbitrary: fc.integer({ min: 65, max: 200 }).map((length) => 'n'.repeat(length)) },
)
