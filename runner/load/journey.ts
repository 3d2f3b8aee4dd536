import type { Endpoint } from '../measurement/figures.ts'
import { drawInteger, type Random } from './random.ts'

const PAGE = 20
/** The seed holds 1,000 products: 50 pages, so that no few hot rows decide the result. */
const PAGES = 50
const QUANTITY = 1

const INVALID: Verdict = { kind: 'failed', error: 'invalid-body' }
const COMPLETE: Verdict = { kind: 'complete' }
const POSTED = 201
const OK = 200

/**
 * The article's journey: list products, view one of them, order it, view the order. Each step is
 * made from the answer before; an answer that is not what the contract promises ends the journey.
 */
export function commerceJourney(random: Random): Step {
  const offset = drawInteger(random, PAGES) * PAGE
  return {
    endpoint: 'list-products',
    request: { method: 'GET', path: `/products?limit=${PAGE}&offset=${offset}` },
    judge: (answer) =>
      checkAnswer(answer, OK, ({ items }) => {
        if (!Array.isArray(items) || items.length < 1 || items.length > PAGE) return INVALID
        const ids = items.map((item: unknown) => fieldsOf(item)?.['id'])
        if (!ids.every(isId)) return INVALID
        const id = ids[drawInteger(random, ids.length)]
        return id === undefined ? INVALID : next(viewProduct(id))
      }),
  }
}

const viewProduct = (productId: number): Step => ({
  endpoint: 'view-product',
  request: { method: 'GET', path: `/products/${productId}` },
  judge: (answer) =>
    checkAnswer(answer, OK, ({ id }) => (id === productId ? next(placeOrder(productId)) : INVALID)),
})

const placeOrder = (productId: number): Step => ({
  endpoint: 'place-order',
  request: {
    method: 'POST',
    path: '/orders',
    body: `{"productId":${productId},"quantity":${QUANTITY}}`,
  },
  orderedQuantity: QUANTITY,
  judge: (answer) =>
    checkAnswer(answer, POSTED, (order) =>
      isId(order['id']) && isOrderOf(order, productId)
        ? next(viewOrder(order['id'], productId))
        : INVALID,
    ),
})

const viewOrder = (orderId: number, productId: number): Step => ({
  endpoint: 'view-order',
  request: { method: 'GET', path: `/orders/${orderId}` },
  judge: (answer) =>
    checkAnswer(answer, OK, (order) =>
      order['id'] === orderId && isOrderOf(order, productId) ? COMPLETE : INVALID,
    ),
})

type Fields = Readonly<Record<string, unknown>>

function checkAnswer(answer: Answer, expected: number, judge: (body: Fields) => Verdict): Verdict {
  if (answer.status !== expected) return { kind: 'failed', error: `status-${answer.status}` }
  let body: unknown
  try {
    body = JSON.parse(answer.body.toString('utf8'))
  } catch {
    return INVALID
  }
  const fields = fieldsOf(body)
  return fields === undefined ? INVALID : judge(fields)
}

const next = (step: Step): Verdict => ({ kind: 'next', step })

const isId = (id: unknown): id is number =>
  typeof id === 'number' && Number.isSafeInteger(id) && id > 0

const isOrderOf = (order: Fields, productId: number): boolean =>
  order['productId'] === productId && order['quantity'] === QUANTITY

const fieldsOf = (value: unknown): Fields | undefined => (isObject(value) ? value : undefined)

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** One request; `path` is below the base path of the load's URL. */
export type HttpRequest = Readonly<{ method: 'GET' | 'POST'; path: string; body?: string }>

/** A whole response. `body` is only valid until the judge returns; `headers`: names and values in turn. */
export type Answer = Readonly<{ status: number; headers?: readonly string[]; body: Buffer }>

/** What the content of an answer can be wrong in; the transport has classes of its own. */
type ContentError = 'invalid-body' | `status-${number}`

/** What an answer means for the journey. */
export type Verdict =
  | Readonly<{ kind: 'next'; step: Step }>
  | Readonly<{ kind: 'complete' }>
  | Readonly<{ kind: 'failed'; error: ContentError }>

/** One step of a journey: what to send, and how to judge what comes back. */
export type Step = Readonly<{
  endpoint: Endpoint
  request: HttpRequest
  /** Units ordered by this request: the audit counts them. Absent for requests that order nothing. */
  orderedQuantity?: number
  judge(answer: Answer): Verdict
}>

/** Starts a new journey. All of its choices come from `random`. */
export type Journey = (random: Random) => Step
