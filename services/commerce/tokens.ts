import { webcrypto } from 'node:crypto'
import { sign, verify } from 'hono/jwt'
import type { Input } from './input.ts'
import type { Problem } from './problems.ts'

/** Tokens by which a user is known (RFC 7519), signed with HS256 by the secret of the run. */
export type Tokens = Readonly<{
  /** The user's id, from an `Authorization` header. */
  userOf(authorization: string | undefined): Promise<Input<number>>
  /** A token for this user, good for an hour. */
  tokenFor(userId: number): Promise<string>
}>

const HOUR_S = 3_600

const UNAUTHORIZED: Problem = {
  code: 'unauthorized',
  detail: 'A bearer token of this service is needed.',
  headers: { 'www-authenticate': 'Bearer' },
}

export async function openTokens(secret: string): Promise<Tokens> {
  // Imported once: from text it is made a key for each request.
  const key = await webcrypto.subtle.importKey(
    'raw',
    Buffer.from(secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify'],
  )
  return {
    async userOf(authorization) {
      const [, token] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
      if (token === undefined) return { problem: UNAUTHORIZED }
      try {
        const { sub, exp } = await verify(token, key, 'HS256')
        // One that is not there is no fault to Hono.
        if (exp === undefined) return { problem: UNAUTHORIZED }
        const id = typeof sub === 'string' && /^[1-9]\d{0,15}$/.test(sub) ? Number(sub) : NaN
        return Number.isSafeInteger(id) ? { value: id } : { problem: UNAUTHORIZED }
      } catch {
        return { problem: UNAUTHORIZED }
      }
    },
    tokenFor: (userId) =>
      sign({ sub: String(userId), exp: Math.floor(Date.now() / 1000) + HOUR_S }, key, 'HS256'),
  }
}
