import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import {
  invalid,
  MALFORMED,
  NOT_JSON,
  outOfRange,
  Refusal,
  TOO_LARGE,
  UNREADABLE,
} from './problems.ts'
import { parameter } from './request-head.ts'
import type { OrderRequest } from './shop.ts'

const ID_RULE = 'must be a positive integer of at most 53 bits'
const BODY_MAX_BYTES = 16_384

export function pathId(text: string): number {
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : NaN
  if (Number.isSafeInteger(id)) return id
  throw new Refusal(invalid({ in: 'path', name: 'id', reason: ID_RULE }))
}

export function pageOf(query: string): Readonly<{ limit: number; offset: number }> {
  const integer = (name: string, absent: number, min: number, max: number): number => {
    const text = parameter(query, name)
    if (text === null) return absent
    if (!/^-?\d+$/.test(text)) {
      throw new Refusal(invalid({ in: 'query', name, reason: 'must be an integer' }))
    }
    const value = Number(text)
    if (min <= value && value <= max) return value
    throw new Refusal(outOfRange({ in: 'query', name, reason: `must be from ${min} to ${max}` }))
  }
  return { limit: integer('limit', 20, 1, 100), offset: integer('offset', 0, 0, 1_000_000) }
}

/** What a `POST /orders` asks for. */
export async function orderRequest(request: IncomingMessage): Promise<OrderRequest> {
  const { 'idempotency-key': key = null, 'content-type': type = '' } = request.headers
  if (key !== null && !(typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key))) {
    const reason = 'must be 1 to 255 visible ASCII characters'
    throw new Refusal(invalid({ in: 'header', name: 'Idempotency-Key', reason }))
  }
  if (!/^application\/json *(;|$)/i.test(type)) throw new Refusal(NOT_JSON)
  const { productId, quantity } = jsonObject(await bodyBytes(request))
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

function jsonObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    const text = bytes.toString()
    if (isUtf8(bytes) && !isTooDeep(text)) value = JSON.parse(text)
  } catch {
    // The parser's message quotes the body, which is not echoed.
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(MALFORMED)
  return value as Record<string, unknown>
}

const LEVELS_MAX = 100

function isTooDeep(text: string): boolean {
  if (text.length <= 2 * LEVELS_MAX) return false // Each level is opened and closed.
  let levels = 0
  for (const bracket of text.replaceAll(/"(?:[^"\\]|\\.)*"|[^[\]{}"]/g, '')) {
    levels += bracket === '[' || bracket === '{' ? 1 : -1
    if (levels > LEVELS_MAX) return true
  }
  return false
}

function bodyBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = Number(request.headers['content-length'] ?? 0)
    if (bytes > BODY_MAX_BYTES) return reject(new Refusal(TOO_LARGE))
    bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > BODY_MAX_BYTES) reject(new Refusal(TOO_LARGE))
      else chunks.push(chunk)
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => reject(new Refusal(UNREADABLE)))
  })
}
