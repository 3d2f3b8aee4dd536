import { setTimeout as delay } from 'node:timers/promises'
import { signedIn } from '../fixtures/shop.ts'
import { type Ledger, openLedger, type OpenLedger } from './ledger.ts'

const CLIENTS = 20
const THINK_MS = 50
const PRODUCTS = 10

/** Of this item, product 1's first, there is little, so that it sells out in the midst of the fault. */
export const SCARCE_ITEM = 1

export type Load = Readonly<{
  ledger: Ledger
  /** Whether an order asked for since has been acknowledged. */
  placesSince(ms: number): boolean
  /** Whether every client has since gone through a whole journey without a fault. */
  servesAllSince(ms: number): boolean
  /** Resolves once every client has its last answer. */
  stop(): Promise<void>
}>

type Order = Readonly<{
  number: string
  user: number
  productId: number
  itemId: number
  pieces: number
}>

/**
 * Clients that go through the journey, one after another, until they are asked to stop.
 *
 * Every order has a number of its own. Every second client asks again under the same number when the
 * answer left it in doubt, as a careful client does; the others leave the doubt and go on.
 *
 * @param origin where the service is now: it may move while the load goes on
 * @param name what the numbers begin with
 */
export function startLoad(origin: () => string, name: string): Load {
  const ledger = openLedger()
  const wholeSinceMs = Array.from({ length: CLIENTS }, () => -Infinity)
  const stopping = new AbortController()

  const ask = async (path: string, init?: RequestInit): ReturnType<typeof exchange> => {
    await delay(THINK_MS)
    return exchange(ledger, `${origin()}${path}`, init)
  }

  /** Whether it is placed, now or by a request whose answer was lost. */
  async function place(order: Order): Promise<Readonly<{ isPlaced: boolean; status: number }>> {
    const { number, pieces } = order
    const isAgain = ledger.sent.has(number)
    ledger.sent.add(number)
    const sentMs = performance.now()
    const { status, body } = await ask('/orders', placing(order))
    const isTaken = status === 409 && body['code'] === 'number-taken'
    if (isTaken && !isAgain) ledger.breaches.push(`${number} is taken, by nobody`)
    if (isInDoubt(status)) ledger.inDoubt.add(number)
    const isPlaced = status === 201 || isTaken
    if (isPlaced) ledger.acknowledged.set(number, { pieces, sentMs })
    return { isPlaced, status }
  }

  /** What was acknowledged is there, whole: else it is a breach, but where its database is another by now. */
  async function view({ number, user, pieces }: Order): Promise<number> {
    const { status, body } = await ask(`/orders/${number}`, { headers: signedIn(user) })
    const shown = body['pieces']
    const isWhole = Array.isArray(shown) && shown.length === pieces
    if (status === 200 && (body['status'] !== 'completed' || !isWhole))
      ledger.breaches.push(`${number} was acknowledged: ${JSON.stringify(body)}`)
    return status
  }

  /** One journey; gives the order that is to be asked for again. */
  async function journey(order: Order, careful: boolean): Promise<[boolean, Order | undefined]> {
    const list = await ask('/products')
    const product = await ask(`/products/${order.productId}`)
    const { isPlaced, status } = await place(order)
    if (!careful) ledger.once.add(order.number)
    const seen = isPlaced ? await view(order) : status
    const whole = list.status === 200 && product.status === 200 && (seen === 200 || seen === 409)
    return [whole, careful && isInDoubt(status) ? order : undefined]
  }

  async function client(at: number): Promise<void> {
    let again: Order | undefined
    for (let count = 0; !stopping.signal.aborted; count += 1) {
      const beganMs = performance.now()
      const number = `${name}-${at}-${count}`
      const order = again ?? { number, user: 1 + at, ...wanted(at, count) }
      const [whole, doubted] = await journey(order, at % 2 === 0)
      again = doubted
      if (whole) wholeSinceMs[at] = beganMs
    }
  }

  const clients = Promise.all(wholeSinceMs.map((_, at) => client(at)))
  return {
    ledger,
    placesSince: (ms) => [...ledger.acknowledged.values()].some(({ sentMs }) => sentMs > ms),
    servesAllSince: (ms) => wholeSinceMs.every((beganMs) => beganMs > ms),
    async stop() {
      stopping.abort()
      await clients
    },
  }
}

/** No answer, or a failure of the service: the order may have been placed or not. */
const isInDoubt = (status: number): boolean => status === 0 || status >= 500

/** One to three pieces of any item of the seed; now and then one of the scarce. */
function wanted(at: number, count: number): Pick<Order, 'productId' | 'itemId' | 'pieces'> {
  if (count % 5 === 0) return { productId: 1, itemId: SCARCE_ITEM, pieces: 1 }
  const productId = 1 + ((at * 3 + count) % PRODUCTS)
  return { productId, itemId: 4 * productId - (count % 3), pieces: 1 + (count % 3) }
}

function placing({ number, user, productId, itemId, pieces }: Order): RequestInit {
  const headers = { 'content-type': 'application/json', ...signedIn(user) }
  const items = [{ id: itemId, quantity: pieces }]
  return { method: 'POST', headers, body: JSON.stringify({ number, productId, items }) }
}

/** Longer than every time-out of the service and the front door that one request can meet in a row. */
const PATIENCE_MS = 30_000

type Body = Readonly<Record<string, unknown>>

/** Sends one request and notes what came of it. `status` is 0 if there was no answer. */
async function exchange(
  ledger: OpenLedger,
  url: string,
  init: RequestInit = {},
): Promise<Readonly<{ status: number; body: Body }>> {
  const sentMs = performance.now()
  const note = (outcome: string): void => {
    ledger.outcomes.set(outcome, (ledger.outcomes.get(outcome) ?? 0) + 1)
    ledger.longestMs = Math.max(ledger.longestMs, performance.now() - sentMs)
  }
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) })
    const text = await response.text()
    note(String(response.status))
    const wrong = breach(response, text)
    if (wrong) ledger.breaches.push(`${init.method ?? 'GET'} ${url}: ${wrong}`)
    return { status: response.status, body: wrong ? {} : (JSON.parse(text) as Body) }
  } catch (error) {
    note((error as Error).name === 'TimeoutError' ? 'hung' : 'lost')
    return { status: 0, body: {} }
  }
}

/** Every answer is JSON, and of every failure a problem with its own status (RFC 9457). */
function breach(response: Response, text: string): string | undefined {
  const { status } = response
  const type = response.headers.get('content-type') ?? ''
  const kind = status < 400 ? 'application/json' : 'application/problem+json'
  const said = `${status} ${type} ${text.slice(0, 200)}`
  if (!type.startsWith(kind)) return said
  if (status < 400) return undefined
  return (JSON.parse(text) as Body)['status'] === status ? undefined : said
}
