import fc from 'fast-check'

/** Where numbers, parsers and databases have their edges. */
const EDGES = [
  '0',
  '1',
  '7',
  '-1',
  '1001',
  '1000',
  '1.5',
  '1e3',
  '01',
  '+1',
  ' 1',
  '2147483647',
  '2147483648',
  '9007199254740991',
  '9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
  '1e400',
  '-0',
  'NaN',
  'Infinity',
  'null',
  'true',
  '',
  '%00',
  '%ff',
  '%E0%A4%A',
  '%',
  '%2F',
  '..%2f',
  '1;drop table orders',
  "1'--",
  '__proto__',
  'constructor',
  '٣',
  '１',
] as const

export const edge: fc.Arbitrary<string> = fc.constantFrom(...EDGES)

/** A character of one byte. */
export function byte(min: number, max: number): fc.Arbitrary<string> {
  return fc.integer({ min, max }).map((code) => String.fromCharCode(code))
}
