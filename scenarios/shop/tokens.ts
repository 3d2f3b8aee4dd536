import { createHmac } from 'node:crypto'

// Tokens of the shop's users (RFC 7519, HS256), by the secret that its services are given too.

/** s. Longer than any trial. */
const LIFE_S = 7 * 24 * 3_600

const known = { by: '', tokens: new Map<number, string>() }

/** The token of a user, made once: a value of scenario.yaml. */
export function token({ user }: Readonly<{ user: number }>): string {
  const secret = tokenSecret()
  if (secret !== known.by) Object.assign(known, { by: secret, tokens: new Map() })
  let found = known.tokens.get(user)
  if (found === undefined) {
    const exp = Math.floor(Date.now() / 1000) + LIFE_S
    known.tokens.set(user, (found = signed({ sub: String(user), exp }, { secret })))
  }
  return found
}

/** @param secret in place of the run's own @param alg as the token says, however it is signed */
export function signed(
  claims: Readonly<Record<string, unknown>>,
  { secret = tokenSecret(), alg = 'HS256' } = {},
): string {
  const encoded = [{ alg, typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const body = encoded.join('.')
  const signature = createHmac('sha256', secret).update(body).digest('base64url')
  return `${body}.${alg === 'none' ? '' : signature}`
}

function tokenSecret(): string {
  const { TOKEN_SECRET: secret } = process.env
  if (secret) return secret
  throw new Error('TOKEN_SECRET is not set, by which the tokens of the users are signed.')
}
