import { pbkdf2, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Hono } from 'hono'
import type { Database } from './database/database.ts'
import { jsonBody, member, textOf } from './input.ts'
import { userByEmail } from './order-store.ts'
import { refuse, respond } from './problems.ts'
import type { Tokens } from './tokens.ts'

const derive = promisify(pbkdf2)
const EMAIL = /^[!-~]{1,255}$/
const EMAIL_RULE = 'must have 1 to 255 characters of visible ASCII'
const PASSWORD = /^.{1,255}$/su
const PASSWORD_RULE = 'must have 1 to 255 characters'

/** `POST /sign-in`: a token for an email and its password. */
export function signIn(database: Database, tokens: Tokens): Hono {
  return new Hono().post('/sign-in', async (c) => {
    const body = await jsonBody(c.req)
    if ('problem' in body) return respond(body.problem)
    const email = textOf(member(body.value, 'email'), 'email', EMAIL, EMAIL_RULE)
    const password = textOf(member(body.value, 'password'), 'password', PASSWORD, PASSWORD_RULE)
    if (typeof email !== 'string' || typeof password !== 'string') {
      const errors = [email, password].filter((field) => typeof field === 'object')
      return respond(refuse('invalid-field', errors))
    }
    const [user] = await database.use((db) => userByEmail(db, { email }))
    if (!user || !(await isOf(password, user.password_hash)))
      return respond({ code: 'unauthorized', detail: 'Email or password is wrong.' })
    return c.json({ token: await tokens.tokenFor(user.id) })
  })
}

/** `hash`: as sql/schema.sql has it. */
async function isOf(password: string, hash: string): Promise<boolean> {
  const [algorithm, iterations, salt = '', base64 = ''] = hash.split('$')
  if (algorithm !== 'pbkdf2_sha256') throw new Error(`No hash by ${algorithm} is known here.`)
  const wanted = Buffer.from(base64, 'base64')
  const found = await derive(password, salt, Number(iterations), wanted.length, 'sha256')
  return timingSafeEqual(found, wanted)
}
