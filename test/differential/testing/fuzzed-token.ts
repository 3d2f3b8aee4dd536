import fc from 'fast-check'
import { signed } from '../../../scenarios/shop/tokens.ts'
import { signedIn } from '../../fixtures/shop.ts'
import { visible } from './fuzzed-values.ts'

const tokenOf = (id: number): string => signedIn(id).authorization.replace('Bearer ', '')

/** Few users, so that orders of somebody else are asked for. */
const user = fc.integer({ min: 1, max: 3 })
const scheme = fc.constantFrom('Bearer', 'Bearer', 'Bearer', 'bearer', 'BEARER')

/** What an `Authorization` header says. */
export const goodToken = fc.tuple(scheme, user).map(([name, id]) => `${name} ${tokenOf(id)}`)

/** s. Far from now, so that no two services find it on two sides of it. */
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds
const future = fc.integer({ min: 600, max: 1e6 }).map(inSeconds)
const past = fc.integer({ min: -1e6, max: -600 }).map(inSeconds)

const subject = user.map(String)
const notOne = fc.oneof(
  fc.constantFrom('', '0', '-1', '1.5', 'x', ' ', '1e3', '９', '1 2', null, true, 7, [], {}),
  fc.integer({ min: 1, max: 1e6 }),
  fc.integer({ min: 17, max: 60 }).map((digits) => '9'.repeat(digits)),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/\d/.test(text)),
)

const claims = fc.oneof(
  fc.record({ sub: subject, exp: past }),
  fc.record({ sub: subject }),
  fc.record({ exp: future }),
  fc.record({ sub: notOne, exp: future }),
  fc.record({ sub: subject, exp: future, nbf: future }),
)
const goodClaims = fc.record({ sub: subject, exp: future })

const forged = fc.oneof(
  claims.map((each) => signed(each)),
  fc
    .tuple(goodClaims, fc.string({ minLength: 32 }))
    .map(([each, secret]) => signed(each, { secret })),
  fc
    .tuple(goodClaims, fc.constantFrom('none', 'None', 'HS384', 'HS512', 'RS256', 'ES256', 'x', ''))
    .map(([each, alg]) => signed(each, { alg })),
  goodClaims.map((each) => `${signed(each, { alg: 'none' })}x`),
  // The words of one user under the signature of another.
  fc.tuple(user, future).map(([id, exp]) => {
    const [head = '', , signature = ''] = tokenOf(id).split('.')
    const [, words = ''] = signed({ sub: String(id + 1), exp }).split('.')
    return [head, words, signature].join('.')
  }),
  goodClaims.map((each) => signed(each).replace(/\.[^.]*$/, '.')),
  goodClaims.map((each) => signed(each).slice(0, -9)),
  goodClaims.map((each) => `${signed(each)}.${'x'.repeat(4)}`),
)

/** An `Authorization` header of nobody. */
export const badToken = fc.oneof(
  { weight: 4, arbitrary: forged.map((each) => `Bearer ${each}`) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('Basic', 'Token', 'Bearerx'), user).map(([name, id]) => {
      return `${name} ${tokenOf(id)}`
    }),
  },
  { weight: 1, arbitrary: visible.map((text) => `Bearer ${text}`) },
  { weight: 1, arbitrary: visible },
)
