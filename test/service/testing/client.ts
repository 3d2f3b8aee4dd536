import { orderNumber } from '../../../scenarios/shop/answers.ts'
import { SHOP_ENV, signedIn } from '../../fixtures/shop.ts'

/** By which the tokens of these tests are signed: every service that they start is given it. */
export const TOKEN_SECRET = SHOP_ENV.TOKEN_SECRET ?? ''

export type Answer = Readonly<{
  status: number
  headers: Headers
  // What a service answers is whatever it answers: tests compare it with what it must be.
  body: Record<string, unknown>
}>

/** Sends a request and reads the JSON of the answer. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(15_000), ...init })
  const text = await response.text()
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}

type Ordered = Readonly<{ productId: number; items: readonly OrderedItem[] }>
type OrderedItem = Readonly<{ id: number; quantity: number }>

/** Orders as a user of the seed, under a number of its own where none is given. */
export function order(
  url: string,
  { productId, items }: Ordered,
  { number = orderNumber(), user = 1 }: Readonly<{ number?: string; user?: number }> = {},
): Promise<Answer> {
  return call(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signedIn(user) },
    body: JSON.stringify({ number, productId, items }),
  })
}

/** So many pieces of a product of the seed: of its first item. */
export const piecesOf = (productId: number, quantity = 1): Ordered => ({
  productId,
  items: [{ id: 4 * productId - 3, quantity }],
})

export const viewOrder = (url: string, number: unknown, user = 1): Promise<Answer> =>
  call(`${url}/orders/${String(number)}`, { headers: signedIn(user) })

/** How many answers there were of each status, and of each code of a problem. */
export function tally(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, body } of answers) {
    const key = typeof body['code'] === 'string' ? `${status} ${body['code']}` : String(status)
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}
