import { isUtf8 } from 'node:buffer'

// What an answer of the shop must be. Every answer under load is read whole, by every rule of
// services/contract.yaml for its shape (runner/contract/load-answers.test.ts holds the two to each other), and
// for what its members say of each other: a service that gives less under load than in the contract check is
// not faster. By hand and not by a JSON Schema engine: beside the parsing of the JSON it costs little, so that
// no answer is left out, and no schema has to travel to the loaders.

/** The members of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** A whole response. `body` is only valid until the judge returns; `headers`: names and values in turn. */
export type Answer = Readonly<{ status: number; headers: readonly string[]; body: Buffer }>

/** Products of the seed (sql/seed.sql); the contract check counts them. */
export const PRODUCTS = 1_000

/** An amount in the currency's smallest unit. */
type Money = Readonly<{ amountMinor: number; currency: string }>

export type Order = Readonly<{ id: number; unitPrice: Money; total: Money; createdAt: string }>

/** The JSON object of a body that is declared as JSON and is UTF-8; null if it is not. */
export function readObject({ headers, body }: Answer): Fields | null {
  if (!isDeclaredJson(headers) || !isUtf8(body)) return null
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

/**
 * The ids of a full page of products; null if it is not the page that was asked for. As many products have
 * smaller ids as `offset` says, so a first id that is too small shows an offset that was ignored.
 */
export function readPage(page: Fields, limit: number, offset: number): readonly number[] | null {
  const { items } = page
  const end = offset + limit
  const isAsked =
    membersOf(page) === 4 &&
    page['limit'] === limit &&
    page['offset'] === offset &&
    page['nextOffset'] === (end < PRODUCTS ? end : null)
  if (!isAsked || !Array.isArray(items) || items.length !== limit) return null
  const ids: number[] = []
  let last = offset
  for (const item of items as readonly unknown[]) {
    const id = readProduct(item)
    if (id === null || id <= last) return null
    ids.push(id)
    last = id
  }
  return ids
}

/** The id of a whole product; null if it is none. */
export function readProduct(product: unknown): number | null {
  if (!isFields(product) || membersOf(product) !== 6) return null
  const { id, name, description, stock, sold } = product
  const isWhole =
    isText(name) &&
    typeof description === 'string' &&
    isMoney(product['price']) &&
    isCount(stock) &&
    isCount(sold) &&
    sold <= stock
  return isWhole && isId(id) ? id : null
}

/** An order of `quantity` pieces of that product, whose total is its price times them; null if it is none. */
export function readOrder(order: Fields, productId: number, quantity: number): Order | null {
  const { id, unitPrice, total, createdAt } = order
  const isAsked =
    membersOf(order) === 6 && order['productId'] === productId && order['quantity'] === quantity
  if (!isAsked || !isId(id) || !isMoney(unitPrice) || !isMoney(total)) return null
  if (total.amountMinor !== unitPrice.amountMinor * quantity) return null
  if (total.currency !== unitPrice.currency) return null
  if (typeof createdAt !== 'string' || !DATE_TIME.test(createdAt)) return null
  return { id, unitPrice, total, createdAt }
}

/** Is it the order that was placed? Its time may be written in another way than before. */
export const isSameOrder = (order: Order, placed: Order): boolean =>
  order.id === placed.id &&
  order.unitPrice.amountMinor === placed.unitPrice.amountMinor &&
  order.unitPrice.currency === placed.unitPrice.currency

const TYPE = 'content-type'

/** `application/json`, whatever its parameters. */
function isDeclaredJson(headers: readonly string[]): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]
    if (name?.length !== TYPE.length || name.toLowerCase() !== TYPE) continue
    return headers[at + 1] === JSON_TYPE || OTHER_JSON_TYPE.test(headers[at + 1] ?? '')
  }
  return false
}

const JSON_TYPE = 'application/json'
const OTHER_JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i
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
