import { setTimeout as delay } from 'node:timers/promises'
import { type Ledger, openLedger, type OpenLedger } from './ledger.ts'

const CLIENTS = 20
const THINK_MS = 50

/** Of this one there is little, so that it sells out in the midst of the fault. */
export const SCARCE_PRODUCT = 1

export type Load = Readonly<{
  ledger: Ledger
  /** Whether an order asked for since has been acknowledged. */
  placesSince(ms: number): boolean
  /** Whether every client has since gone through a whole journey without a fault. */
  servesAllSince(ms: number): boolean
  /** Resolves once every client has its last answer. */
  stop(): Promise<void>
}>

type Order = Readonly<{ mark: string; productId: number }>

/**
 * Clients that go through the journey, one after another, until they are asked to stop.
 *
 * Every order has a mark of its own. Every second client asks again under the same mark when the
 * answer left it in doubt, as a careful client does; the others leave the doubt and go on.
 *
 * @param origin where the service is now: it may move while the load goes on
 * @param name what the marks begin with
 */
export function startLoad(origin: () => string, name: string): Load {
  const ledger = openLedger()
  const wholeSinceMs = Array.from({ length: CLIENTS }, () => -Infinity)
  const stopping = new AbortController()

  const ask = async (path: string, init?: RequestInit): ReturnType<typeof exchange> => {
    await delay(THINK_MS)
    return exchange(ledger, `${origin()}${path}`, init)
  }

  async function place(order: Order): Promise<Awaited<ReturnType<typeof exchange>>> {
    ledger.sent.add(order.mark)
    const sentMs = performance.now()
    const answer = await ask('/orders', placing(order))
    if (answer.status === 201) {
      const id = Number(answer.body['id'])
      const earlier = ledger.acknowledged.get(order.mark)
      ledger.acknowledged.set(order.mark, earlier ?? { id, sentMs })
    }
    if (isInDoubt(answer.status)) ledger.inDoubt.add(order.mark)
    return answer
  }

  /** One journey; gives the order that is to be asked for again. */
  async function journey(order: Order, careful: boolean): Promise<[boolean, Order | undefined]> {
    const list = await ask('/products')
    const view = await ask(`/products/${order.productId}`)
    const { status, body } = await place(order)
    if (!careful) ledger.once.add(order.mark)
    const seen = status === 201 ? (await ask(`/orders/${Number(body['id'])}`)).status : status
    const whole = list.status === 200 && view.status === 200 && (seen === 200 || seen === 409)
    return [whole, careful && isInDoubt(status) ? order : undefined]
  }

  async function client(number: number): Promise<void> {
    let again: Order | undefined
    for (let count = 0; !stopping.signal.aborted; count += 1) {
      const beganMs = performance.now()
      const productId = count % 5 === 0 ? SCARCE_PRODUCT : 2 + ((number * 31 + count) % 900)
      const order = again ?? { mark: `${name}-${number}-${count}`, productId }
      const [whole, doubted] = await journey(order, number % 2 === 0)
      again = doubted
      if (whole) wholeSinceMs[number] = beganMs
    }
  }

  const clients = Promise.all(wholeSinceMs.map((_, number) => client(number)))
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

function placing({ mark, productId }: Order): RequestInit {
  const headers = { 'content-type': 'application/json', 'idempotency-key': mark }
  return { method: 'POST', headers, body: JSON.stringify({ productId, quantity: 1 }) }
}

/** Longer than every time-out of the service and the front door that one request can meet in a row. */
const PATIENCE_MS = 30_000

type Body = Readonly<Record<string, unknown>>

/** Sends one request and notes what came of it. `status` is 0 if there was no answer. */
export async function exchange(
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
  const wanted = status < 400 ? 'application/json' : 'application/problem+json'
  const said = `${status} ${type} ${text.slice(0, 200)}`
  if (!type.startsWith(wanted)) return said
  if (status < 400) return undefined
  return (JSON.parse(text) as Body)['status'] === status ? undefined : said
}
