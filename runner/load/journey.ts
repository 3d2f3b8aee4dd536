import type { Endpoint } from '../measurement/figures.ts'
import {
  type Answer,
  type Fields,
  isSameOrder,
  type Order,
  PRODUCTS,
  readObject,
  readOrder,
  readPage,
  readProduct,
} from './answers.ts'
import { drawInteger, type Random } from './random.ts'

const PAGE = 20
/** All products are drawn alike, so that no few hot rows decide the result. */
const PAGES = PRODUCTS / PAGE
const QUANTITY = 1

/**
 * The article's journey: list products, view one of them, order it, view the order. Each step is
 * made from the answer before; an answer that is not what the contract promises ends the journey.
 */
export function commerceJourney(random: Random): Step {
  const offset = drawInteger(random, PAGES) * PAGE
  return {
    endpoint: 'list-products',
    request: { method: 'GET', path: `/products?limit=${PAGE}&offset=${offset}` },
    judge: judgeBy(200, (body) => {
      const ids = readPage(body, PAGE, offset)
      const id = ids?.[drawInteger(random, PAGE)]
      return id === undefined ? INVALID : next(viewProduct(id))
    }),
  }
}

const viewProduct = (productId: number): Step => ({
  endpoint: 'view-product',
  request: { method: 'GET', path: `/products/${productId}` },
  judge: judgeBy(200, (body) =>
    readProduct(body) === productId ? next(placeOrder(productId)) : INVALID,
  ),
})

const placeOrder = (productId: number): Step => ({
  endpoint: 'place-order',
  request: {
    method: 'POST',
    path: '/orders',
    body: `{"productId":${productId},"quantity":${QUANTITY}}`,
  },
  orderedQuantity: QUANTITY,
  judge: judgeBy(201, (body) => {
    const order = readOrder(body, productId, QUANTITY)
    return order === null ? INVALID : next(viewOrder(order, productId))
  }),
})

const viewOrder = (placed: Order, productId: number): Step => ({
  endpoint: 'view-order',
  request: { method: 'GET', path: `/orders/${placed.id}` },
  judge: judgeBy(200, (body) => {
    const order = readOrder(body, productId, QUANTITY)
    return order !== null && isSameOrder(order, placed) ? COMPLETE : INVALID
  }),
})

const INVALID: Verdict = { kind: 'failed', error: 'invalid-body' }
const COMPLETE: Verdict = { kind: 'complete' }
const next = (step: Step): Verdict => ({ kind: 'next', step })

/** The verdict of `judge` on a JSON object with the promised status; a failure without either. */
const judgeBy =
  (promised: number, judge: (body: Fields) => Verdict): Step['judge'] =>
  (answer) => {
    if (answer.status !== promised) return { kind: 'failed', error: `status-${answer.status}` }
    const body = readObject(answer)
    return body === null ? INVALID : judge(body)
  }

/** One request; `path` is below the base path of the load's URL. */
export type HttpRequest = Readonly<{ method: 'GET' | 'POST'; path: string; body?: string }>

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
