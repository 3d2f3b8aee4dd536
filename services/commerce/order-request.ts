import type { HonoRequest } from 'hono'
import { jsonBody } from './body.ts'
import { bodyId, bodyInteger, type Input } from './input.ts'
import { refuse } from './problems.ts'

export type OrderRequest = Readonly<{
  productId: number
  quantity: number
  /** Under this key an order is placed once, however often it is asked for. */
  idempotencyKey: string | undefined
}>

const QUANTITY = { min: 1, max: 1_000 }

/** What a `POST /orders` asks for. A field of the wrong kind is reported before one out of range. */
export async function orderRequest(
  request: HonoRequest,
  keyHeader: string | string[] | undefined,
): Promise<Input<OrderRequest>> {
  const key = idempotencyKey(keyHeader)
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

/** The `Idempotency-Key`, taken as it stands (draft-ietf-httpapi-idempotency-key-header). */
function idempotencyKey(header: string | string[] | undefined): Input<string | undefined> {
  if (header === undefined) return { value: undefined }
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return { value: header }
  const reason = 'must be 1 to 255 visible ASCII characters'
  return { problem: refuse('invalid-field', [{ in: 'header', name: 'Idempotency-Key', reason }]) }
}
