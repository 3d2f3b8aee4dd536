import type { HonoRequest } from 'hono'
import { bodyId, bodyInteger, type Input } from './input.ts'
import { type Problem, refuse } from './problems.ts'

export type OrderRequest = Readonly<{
  productId: number
  quantity: number
  /** Under this key an order is placed once, however often it is asked for. */
  idempotencyKey: string | undefined
}>

const QUANTITY = { min: 1, max: 1_000 }

/** What a `POST /orders` asks for. A field of the wrong kind is reported before one out of range. */
export async function orderRequest(request: HonoRequest): Promise<Input<OrderRequest>> {
  const key = idempotencyKey(request.header('idempotency-key'))
  if ('problem' in key) return key
  const body = await jsonBody(request)
  if ('problem' in body) return body
  const productId = bodyId(body.value, 'productId')
  const quantity = bodyInteger(body.value, 'quantity')
  if (typeof productId !== 'number' || typeof quantity !== 'number') {
    const errors = [productId, quantity].filter((field) => typeof field !== 'number')
    return { problem: refuse('invalid-field', errors) }
  }
  if (quantity < QUANTITY.min || quantity > QUANTITY.max) {
    const reason = `must be from ${QUANTITY.min} to ${QUANTITY.max}`
    return { problem: refuse('out-of-range', [{ in: 'body', name: 'quantity', reason }]) }
  }
  return { value: { productId, quantity, idempotencyKey: key.value } }
}

const NOT_JSON: Problem = {
  code: 'unsupported-media-type',
  detail: 'The body must be application/json.',
}
const MALFORMED: Problem = { code: 'malformed-json', detail: 'The body must be a JSON object.' }

/** The JSON object in the body of a request, or why there is none. */
async function jsonBody(request: HonoRequest): Promise<Input<object>> {
  if (!/^application\/json *(;|$)/i.test(request.header('content-type') ?? '')) {
    return { problem: NOT_JSON }
  }
  // The parser's message quotes the body, which is not echoed.
  const value: unknown = await request.json().catch(() => undefined)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: MALFORMED }
  }
  return { value }
}

/** The `Idempotency-Key`, taken as it stands (draft-ietf-httpapi-idempotency-key-header). */
function idempotencyKey(header: string | undefined): Input<string | undefined> {
  if (header === undefined) return { value: undefined }
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return { value: header }
  const reason = 'must be 1 to 255 visible ASCII characters'
  return { problem: refuse('invalid-field', [{ in: 'header', name: 'Idempotency-Key', reason }]) }
}
