// What an answer of the shop must be. Every answer under load is read whole, by every rule of
// services/contract.yaml for its shape (runner/contract/load-answers.test.ts holds the two to each other), and
// for what its members say of each other: a service that gives less under load than in the contract check is
// not faster. By hand and not by a JSON Schema engine: beside the parsing of the JSON it costs little, so that
// no answer is left out.

/** The values of scenario.yaml as each step has them. */
type Listed = Readonly<{ products: number; limit: number; offset: number }>
type Viewed = Readonly<{ productId: number }>
type Ordered = Viewed & Readonly<{ quantity: number }>
type Placed = Ordered & Readonly<{ orderId: number; unitPrice: Money }>

/** An amount in the currency's smallest unit. */
type Money = Readonly<{ amountMinor: number; currency: string }>

/**
 * A full page of products, and the one that was asked for. As many products have smaller ids as `offset` says,
 * so a first id that is too small shows an offset that was ignored.
 */
export function page(body: unknown, { products, limit, offset }: Listed): boolean {
  if (!isFields(body)) return false
  const { items } = body
  const end = offset + limit
  const isAsked =
    membersOf(body) === 4 &&
    body['limit'] === limit &&
    body['offset'] === offset &&
    body['nextOffset'] === (end < products ? end : null)
  if (!isAsked || !Array.isArray(items) || items.length !== limit) return false
  let last = offset
  for (const item of items as readonly unknown[]) {
    const id = productId(item)
    if (id === null || id <= last) return false
    last = id
  }
  return true
}

/** The whole product that was asked for. */
export const product = (body: unknown, asked: Viewed): boolean =>
  productId(body) === asked.productId

/** An order of `quantity` pieces of that product, whose total is its price times them. */
export function order(body: unknown, asked: Ordered): boolean {
  if (!isFields(body) || membersOf(body) !== 6) return false
  const { id, unitPrice, total, createdAt } = body
  if (body['productId'] !== asked.productId || body['quantity'] !== asked.quantity) return false
  if (!isId(id) || !isMoney(unitPrice) || !isMoney(total)) return false
  if (total.amountMinor !== unitPrice.amountMinor * asked.quantity) return false
  if (total.currency !== unitPrice.currency) return false
  return typeof createdAt === 'string' && DATE_TIME.test(createdAt)
}

/** The order that was placed. Its time may be written in another way than before. */
export function sameOrder(body: unknown, placed: Placed): boolean {
  if (!order(body, placed)) return false
  const { id, unitPrice } = body as Readonly<{ id: number; unitPrice: Money }>
  return (
    id === placed.orderId &&
    unitPrice.amountMinor === placed.unitPrice.amountMinor &&
    unitPrice.currency === placed.unitPrice.currency
  )
}

/** The id of a whole product; null if it is none. */
function productId(item: unknown): number | null {
  if (!isFields(item) || membersOf(item) !== 6) return null
  const { id, name, description, stock, sold } = item
  const isWhole =
    isText(name) &&
    typeof description === 'string' &&
    isMoney(item['price']) &&
    isCount(stock) &&
    isCount(sold) &&
    sold <= stock
  return isWhole && isId(id) ? id : null
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
