import type { HonoRequest } from 'hono'
import {
  idOf,
  type Input,
  integerOf,
  isObject,
  jsonBody,
  member,
  refusedField,
  textOf,
} from './input.ts'
import { type FieldError, refuse } from './problems.ts'

export type OrderRequest = Readonly<{
  /** Chosen by who orders: one order has it, ever. */
  number: string
  productId: number
  items: readonly OrderedItem[]
}>

export type OrderedItem = Readonly<{ id: number; quantity: number }>

/** In a path too. */
export const NUMBER = /^[A-Za-z0-9-]{1,64}$/
const NUMBER_RULE = 'must be 1 to 64 letters, digits and hyphens'
const ITEMS_MAX = 10
const QUANTITY = { min: 1, max: 100 }

/** What a `POST /orders` asks for. A field of the wrong kind is reported before one out of range. */
export async function orderRequest(request: HonoRequest): Promise<Input<OrderRequest>> {
  const body = await jsonBody(request)
  if ('problem' in body) return body
  const number = textOf(member(body.value, 'number'), 'number', NUMBER, NUMBER_RULE)
  const productId = idOf(member(body.value, 'productId'), 'productId')
  const items = itemsOf(member(body.value, 'items'))
  const isRead = typeof number === 'string' && typeof productId === 'number' && 'read' in items
  if (!isRead) {
    const fields = [number, productId].filter((field) => typeof field === 'object')
    const errors = [...fields, ...('errors' in items ? items.errors : [])]
    return { problem: refuse('invalid-field', errors) }
  }
  const errors = outOfRange(items.read)
  if (errors.length > 0) return { problem: refuse('out-of-range', errors) }
  return { value: { number, productId, items: items.read } }
}

type Items =
  Readonly<{ read: readonly OrderedItem[] }> | Readonly<{ errors: readonly FieldError[] }>

function itemsOf(list: unknown): Items {
  if (!Array.isArray(list)) return { errors: [refusedField(list, 'items', 'must be a list')] }
  const read: OrderedItem[] = []
  const errors: FieldError[] = []
  for (const [at, entry] of (list as readonly unknown[]).entries()) {
    const item = isObject(entry) ? entry : {}
    const id = idOf(member(item, 'id'), `items.${at}.id`)
    const quantity = integerOf(member(item, 'quantity'), `items.${at}.quantity`)
    if (typeof id === 'number' && typeof quantity === 'number') read.push({ id, quantity })
    else errors.push(...[id, quantity].filter((field) => typeof field === 'object'))
  }
  return errors.length > 0 ? { errors } : { read }
}

function outOfRange(items: readonly OrderedItem[]): FieldError[] {
  const named = (name: string, reason: string): FieldError => ({ in: 'body', name, reason })
  if (items.length < 1 || items.length > ITEMS_MAX)
    return [named('items', `must have 1 to ${ITEMS_MAX} entries`)]
  const { min, max } = QUANTITY
  return items.flatMap(({ id, quantity }, at) => {
    if (quantity < min || quantity > max)
      return [named(`items.${at}.quantity`, `must be from ${min} to ${max}`)]
    const isTwice = items.findIndex((other) => other.id === id) < at
    return isTwice ? [named(`items.${at}.id`, 'is in the order already')] : []
  })
}
