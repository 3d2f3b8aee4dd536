// What an answer of the shop must be. Every answer under load is read whole, by every rule of
// services/contract.yaml for its shape (runner/contract/load-answers.test.ts holds the two to each other), and
// for what its members say of each other: a service that gives less under load than in the contract check is
// not faster. By hand and not by a JSON Schema engine: beside the parsing of the JSON it costs little, so that
// no answer is left out.

import { randomBytes } from 'node:crypto'

export { token } from './tokens.ts'

/** The values of scenario.yaml as each step has them. */
type Viewed = Readonly<{ productId: number }>
type Ordered = Viewed & Readonly<{ number: string; itemId: number; quantity: number }>
type Placed = Ordered & Readonly<{ order: Order }>

/** An amount in the currency's smallest unit. */
type Money = Readonly<{ amountMinor: number; currency: string }>
type Order = Readonly<{ pieces: readonly Piece[] }>
type Piece = Readonly<{ id: number; price: Money }>

const ofProcess = randomBytes(8).toString('hex')
let orders = 0

/** A value of scenario.yaml: drawn by no seed, since a number that any order has is refused. */
export const orderNumber = (): string => `${ofProcess}-${(orders += 1)}`

/** Products in the order of their ids, at least one of which is on sale. */
export function products(body: unknown): boolean {
  if (!isFields(body) || membersOf(body) !== 1) return false
  const list = body['products']
  if (!Array.isArray(list) || list.length === 0) return false
  let last = 0
  for (const entry of list as readonly unknown[]) {
    if (!isFields(entry) || membersOf(entry) !== 4) return false
    const { id, name, lowestPrice, onSale } = entry
    if (!isId(id) || id <= last || !isText(name)) return false
    if (onSale !== (lowestPrice !== null)) return false
    if (lowestPrice !== null && !isMoney(lowestPrice)) return false
    last = id
  }
  return true
}

/** The whole product that was asked for, with its items in the order of their ids. */
export function product(body: unknown, asked: Viewed): boolean {
  if (!isFields(body) || membersOf(body) !== 4) return false
  const { id, name, description, items } = body
  if (id !== asked.productId || !isText(name) || typeof description !== 'string') return false
  if (!Array.isArray(items)) return false
  let last = 0
  for (const item of items as readonly unknown[]) {
    const itemId = idOfItem(item)
    if (itemId === null || itemId <= last) return false
    last = itemId
  }
  return true
}

/** The id of a whole item, whose figures agree; null if it is none. */
function idOfItem(item: unknown): number | null {
  if (!isFields(item) || membersOf(item) !== 8) return null
  const { id, name, cost, price, discountPercent, onSale, stock, sold } = item
  if (!isText(name) || !isMoney(cost) || !isMoney(price) || cost.currency !== price.currency)
    return null
  const saved = cost.amountMinor - price.amountMinor
  if (discountPercent !== Math.round((100 * saved) / cost.amountMinor)) return null
  if (!isCount(stock) || !isCount(sold) || sold > stock) return null
  if (typeof onSale !== 'boolean' || (onSale && sold === stock)) return null
  return isId(id) ? id : null
}

/** A completed order of `quantity` pieces of that item, whose total is the sum of their prices. */
export function order(body: unknown, asked: Ordered): boolean {
  if (!isFields(body) || membersOf(body) !== 6) return false
  const { number, status, pieces, total, createdAt } = body
  if (number !== asked.number || status !== 'completed') return false
  if (body['productId'] !== asked.productId || !isMoney(total)) return false
  if (!Array.isArray(pieces) || pieces.length !== asked.quantity) return false
  let [sum, last] = [0, 0]
  for (const piece of pieces as readonly unknown[]) {
    if (!isFields(piece) || membersOf(piece) !== 4) return false
    const { id, itemId, name, price } = piece
    if (!isId(id) || id <= last || itemId !== asked.itemId || !isText(name)) return false
    if (!isMoney(price) || price.currency !== total.currency) return false
    last = id
    sum += price.amountMinor
  }
  if (total.amountMinor !== sum) return false
  return typeof createdAt === 'string' && DATE_TIME.test(createdAt)
}

/** The order that was placed, piece by piece. Its time may be written in another way than before. */
export function sameOrder(body: unknown, placed: Placed): boolean {
  if (!order(body, placed)) return false
  const { pieces } = body as Order
  return placed.order.pieces.every(({ id, price }, at) => {
    const piece = pieces[at]
    return piece?.id === id && piece.price.amountMinor === price.amountMinor
  })
}

type Fields = Readonly<Record<string, unknown>>

const CURRENCY = /^[A-Z]{3}$/
/** RFC 3339, section 5.6. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const membersOf = (fields: Fields): number => Object.keys(fields).length

const isId = (id: unknown): id is number => isCount(id) && id > 0

const isCount = (count: unknown): count is number =>
  typeof count === 'number' && Number.isSafeInteger(count) && count >= 0

const isText = (text: unknown): boolean => typeof text === 'string' && text !== ''

const isMoney = (money: unknown): money is Money =>
  isFields(money) &&
  membersOf(money) === 2 &&
  isCount(money['amountMinor']) &&
  typeof money['currency'] === 'string' &&
  CURRENCY.test(money['currency'])
