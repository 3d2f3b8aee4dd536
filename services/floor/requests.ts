import type { IncomingMessage } from 'node:http'
import { invalid, MALFORMED, NOT_JSON, outOfRange, Refusal } from './problems.ts'
import type { OrderRequest } from './shop.ts'

type Fault = Readonly<{ in: string; name: string; reason: string }>

const ID_RULE = 'must be a positive integer of at most 53 bits'
export const NUMBER = /^[A-Za-z0-9-]{1,64}$/

export function pathId(digits: string): number {
  const id = /^[1-9]\d{0,15}$/.test(digits) ? Number(digits) : NaN
  if (Number.isSafeInteger(id)) return id
  throw new Refusal(invalid([{ in: 'path', name: 'id', reason: ID_RULE }]))
}

/** What a `POST /orders` asks for. */
export async function orderRequest(request: IncomingMessage): Promise<OrderRequest> {
  const { number, productId, items } = await jsonObject(request)
  const faults: Fault[] = []
  const refuse = (name: string, reason: string) => faults.push({ in: 'body', name, reason })
  const list: readonly unknown[] = Array.isArray(items) ? items : []
  const read = list.map((entry) => {
    const { id, quantity } = isObject(entry) ? entry : {}
    return isId(id) && isInteger(quantity) ? { id, quantity } : null
  })
  const asked = read.filter((item) => item !== null)
  if (!isNumber(number)) refuse('number', 'must be 1 to 64 letters, digits and hyphens')
  if (!isId(productId)) refuse('productId', ID_RULE)
  if (!Array.isArray(items)) refuse('items', 'must be a list')
  for (const [at, item] of read.entries())
    if (item === null) refuse(`items.${at}`, 'must have an id and an integer quantity')
  if (faults.length > 0 || !isNumber(number) || !isId(productId)) throw new Refusal(invalid(faults))
  if (asked.length < 1 || asked.length > 10) refuse('items', 'must have 1 to 10 entries')
  for (const [at, { id, quantity }] of asked.entries()) {
    if (quantity < 1 || quantity > 100) refuse(`items.${at}.quantity`, 'must be from 1 to 100')
    if (asked.findIndex((other) => other.id === id) < at)
      refuse(`items.${at}.id`, 'is in the order already')
  }
  if (faults.length > 0) throw new Refusal(outOfRange(faults))
  return { number, productId, items: asked }
}

/** What a `POST /sign-in` gives. */
export async function credentials(
  request: IncomingMessage,
): Promise<Readonly<{ email: string; password: string }>> {
  const { email, password } = await jsonObject(request)
  if (isEmail(email) && isPassword(password)) return { email, password }
  const [name, kind] = isEmail(email) ? ['password', ''] : ['email', ' of visible ASCII']
  const reason = `must have 1 to 255 characters${kind}`
  throw new Refusal(invalid([{ in: 'body', name, reason }]))
}

const isInteger = (value: unknown): value is number => Number.isInteger(value)
const isId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0
const isNumber = (value: unknown): value is string =>
  typeof value === 'string' && NUMBER.test(value)
const isEmail = (value: unknown): value is string =>
  typeof value === 'string' && /^[!-~]{1,255}$/.test(value)
const isPassword = (value: unknown): value is string =>
  typeof value === 'string' && /^.{1,255}$/su.test(value)
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

async function jsonObject(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const { 'content-type': type = '' } = request.headers
  if (!/^application\/json *(;|$)/i.test(type)) throw new Refusal(NOT_JSON)
  let value: unknown
  try {
    value = JSON.parse(await bodyOf(request))
  } catch {
    // The parser's message quotes the body, which is not echoed.
  }
  if (!isObject(value)) throw new Refusal(MALFORMED)
  return value
}

/** Of a client that breaks off, what has come: nobody is left to be answered. */
function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => resolve(body))
    request.on('error', () => resolve(body))
  })
}
