import type { IncomingMessage } from 'node:http'
import { invalid, MALFORMED, NOT_JSON, outOfRange, Refusal } from './problems.ts'
import type { OrderRequest } from './shop.ts'

const ID_RULE = 'must be a positive integer of at most 53 bits'

export function pathId(digits: string): number {
  const id = /^[1-9]\d{0,15}$/.test(digits) ? Number(digits) : NaN
  if (Number.isSafeInteger(id)) return id
  throw new Refusal(invalid({ in: 'path', name: 'id', reason: ID_RULE }))
}

export function pageOf(query: string): Readonly<{ limit: number; offset: number }> {
  const given = new URLSearchParams(query)
  const integer = (name: string, absent: number, min: number, max: number): number => {
    const digits = given.get(name)
    if (digits === null) return absent
    if (!/^-?\d+$/.test(digits)) {
      throw new Refusal(invalid({ in: 'query', name, reason: 'must be an integer' }))
    }
    const value = Number(digits)
    if (min <= value && value <= max) return value
    throw new Refusal(outOfRange({ in: 'query', name, reason: `must be from ${min} to ${max}` }))
  }
  return { limit: integer('limit', 20, 1, 100), offset: integer('offset', 0, 0, 1_000_000) }
}

/** What a `POST /orders` asks for. */
export async function orderRequest(request: IncomingMessage): Promise<OrderRequest> {
  const { 'idempotency-key': key = null, 'content-type': type = '' } = request.headers
  if (Array.isArray(key) || (key !== null && !/^[\x21-\x7e]{1,255}$/.test(key))) {
    const reason = 'must be 1 to 255 visible ASCII characters'
    throw new Refusal(invalid({ in: 'header', name: 'Idempotency-Key', reason }))
  }
  if (!/^application\/json *(;|$)/i.test(type)) throw new Refusal(NOT_JSON)
  const { productId, quantity } = jsonObject(await bodyOf(request))
  const isId = isInteger(productId) && Number.isSafeInteger(productId) && productId > 0
  if (isId && isInteger(quantity)) {
    if (1 <= quantity && quantity <= 1_000) return { productId, quantity, key }
    const reason = 'must be from 1 to 1000'
    throw new Refusal(outOfRange({ in: 'body', name: 'quantity', reason }))
  }
  const faults = [
    ...(isId ? [] : [{ in: 'body', name: 'productId', reason: ID_RULE }]),
    ...(isInteger(quantity)
      ? []
      : [{ in: 'body', name: 'quantity', reason: 'must be an integer' }]),
  ]
  throw new Refusal(invalid(...faults))
}

const isInteger = (value: unknown): value is number => Number.isInteger(value)

function jsonObject(body: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    // The parser's message quotes the body, which is not echoed.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(MALFORMED)
  return value as Record<string, unknown>
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
