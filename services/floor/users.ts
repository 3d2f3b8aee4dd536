import { createSecretKey, type KeyObject, pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { jwtVerify, SignJWT } from 'jose'
import { Refusal, UNAUTHORIZED } from './problems.ts'

const derive = promisify(pbkdf2)
const ALGORITHM = 'HS256'

export const tokenKey = (secret: string): KeyObject => createSecretKey(secret, 'utf8')

/** The id of the user whom an `Authorization` header names. @throws Refusal for any that is not good */
export async function userOf(key: KeyObject, authorization: string | undefined): Promise<number> {
  const [, token = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
  try {
    const options = { algorithms: [ALGORITHM], requiredClaims: ['exp'] }
    const { sub } = (await jwtVerify(token, key, options)).payload
    const id = typeof sub === 'string' && /^[1-9]\d{0,15}$/.test(sub) ? Number(sub) : NaN
    if (Number.isSafeInteger(id)) return id
  } catch {
    // Whatever is wrong with it is told to nobody.
  }
  throw new Refusal(UNAUTHORIZED)
}

export const tokenFor = (key: KeyObject, userId: number): Promise<string> =>
  new SignJWT({ sub: String(userId) })
    .setProtectedHeader({ alg: ALGORITHM })
    .setExpirationTime('1h')
    .sign(key)

/** `hash`: as sql/schema.sql has it. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, iterations, salt = '', base64 = ''] = hash.split('$')
  const wanted = Buffer.from(base64, 'base64')
  const found = await derive(password, salt, Number(iterations), wanted.length, 'sha256')
  return timingSafeEqual(found, wanted)
}
