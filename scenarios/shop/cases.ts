// The suite of services/contract.yaml: what a service must answer, case by case, before it is measured.

/** What the suite has learnt so far, for the cases that build on earlier answers. */
type Known = { productId: number; sold: number; orderId: number }

/** What is known before the first case. */
export const begin = (): Known => ({ productId: 1, sold: 0, orderId: 1 })

type CaseRequest = Readonly<{
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
}>

type CaseAnswer = Readonly<{
  headers: Readonly<Record<string, string | undefined>>
  body: unknown
}>

/** One case of the contract: a request, the status it must get, and what more must hold. */
type Case = Readonly<{
  name: string
  /** The path in services/contract.yaml. */
  template: string
  request(known: Readonly<Known>): CaseRequest
  status: number
  /** @returns what is wrong with an answer whose status and shape are right; null if nothing */
  check?(answer: CaseAnswer, known: Known): string | null
  /** How to fix a service that fails it. */
  remedy: string
}>

const get = (path: string) => (): CaseRequest => ({ method: 'GET', path })

/** An order as `productId` and `quantity`, or as any JSON text. */
const post = (body: string, headers: Record<string, string> = {}): CaseRequest => ({
  method: 'POST',
  path: '/orders',
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

type Spec = readonly [name: string, template: string, path: string, status: number, remedy: string]

const readCase = ([name, template, path, status, remedy]: Spec): Case => ({
  name,
  template,
  request: get(path),
  status,
  remedy,
})

const ID_RULE = 'An id that is not a positive integer of 53 bits is 400, never 404 or 500.'
const NO_SUCH = 'An id that is well formed but not there is 404.'
const RANGE = 'limit is 1 to 100 and offset at least 0; an integer out of range is 422.'

/** Reads that must be refused, and with what. */
const REFUSED_READS: readonly Case[] = (
  [
    ['limit of 0', '/products', '/products?limit=0', 422, RANGE],
    ['limit of 101', '/products', '/products?limit=101', 422, RANGE],
    ['limit that is no integer', '/products', '/products?limit=ten', 400, RANGE],
    ['negative offset', '/products', '/products?offset=-1', 422, RANGE],
    ['product of id 0', '/products/{id}', '/products/0', 400, ID_RULE],
    ['product of a negative id', '/products/{id}', '/products/-1', 400, ID_RULE],
    ['product of a fractional id', '/products/{id}', '/products/1.5', 400, ID_RULE],
    ['product of a word', '/products/{id}', '/products/first', 400, ID_RULE],
    ['product beyond 53 bits', '/products/{id}', '/products/9007199254740992', 400, ID_RULE],
    ['product beyond 64 bits', '/products/{id}', '/products/99999999999999999999', 400, ID_RULE],
    ['unknown product', '/products/{id}', '/products/9007199254740991', 404, NO_SUCH],
    ['order of a word', '/orders/{id}', '/orders/first', 400, ID_RULE],
    ['order beyond 64 bits', '/orders/{id}', '/orders/99999999999999999999', 400, ID_RULE],
    ['unknown order', '/orders/{id}', '/orders/9007199254740991', 404, NO_SUCH],
  ] as const
).map(readCase)

type Fields = Readonly<Record<string, unknown>>
const fields = ({ body }: CaseAnswer): Fields => body as Fields

const QUANTITY = 3

/** The four steps of the journey, in order: each needs what the one before has learnt. */
const JOURNEY_CASES: readonly Case[] = [
  {
    name: 'list products',
    template: '/products',
    request: () => ({ method: 'GET', path: '/products' }),
    status: 200,
    check: (answer, known) => {
      const items = fields(answer)['items'] as Fields[]
      known.productId = Number(items[0]?.['id'])
      if (items.length === 20) return null
      return `${items.length} products on the first page`
    },
    remedy: 'Without a limit a page has 20 products; the seed has 1,000.',
  },
  {
    name: 'list the last product',
    template: '/products',
    request: () => ({ method: 'GET', path: '/products?limit=100&offset=999' }),
    status: 200,
    check: (answer) => {
      const items = fields(answer)['items'] as Fields[]
      return items.length === 1 ? null : `${items.length} products from offset 999`
    },
    remedy:
      'limit and offset page through the 1,000 products of the seed in the order of their ids.',
  },
  {
    name: 'view product',
    template: '/products/{id}',
    request: ({ productId }) => ({ method: 'GET', path: `/products/${productId}` }),
    status: 200,
    check: (answer, known) => {
      const { id, sold } = fields(answer)
      known.sold = Number(sold)
      return id === known.productId ? null : `product ${String(id)}`
    },
    remedy: 'The product that is asked for is answered, whole.',
  },
  {
    name: 'place order',
    template: '/orders',
    request: ({ productId }) => post(JSON.stringify({ productId, quantity: QUANTITY })),
    status: 201,
    check: (answer, known) => {
      const { id, productId, quantity } = fields(answer)
      known.orderId = Number(id)
      const location = answer.headers['location'] ?? ''
      if (!location.endsWith(`/orders/${known.orderId}`)) return `Location: ${location || 'none'}`
      if (productId === known.productId && quantity === QUANTITY) return null
      return `product ${String(productId)}, quantity ${String(quantity)}`
    },
    remedy: 'An order is answered 201 with itself and with Location: /orders/ID.',
  },
  {
    name: 'view order',
    template: '/orders/{id}',
    request: ({ orderId }) => ({ method: 'GET', path: `/orders/${orderId}` }),
    status: 200,
    check: (answer, known) => {
      const { id, productId, quantity } = fields(answer)
      const same = id === known.orderId && productId === known.productId && quantity === QUANTITY
      return same ? null : JSON.stringify({ id, productId, quantity })
    },
    remedy: 'The order read back is the order that was placed.',
  },
  {
    name: 'the order is counted as sold',
    template: '/products/{id}',
    request: ({ productId }) => ({ method: 'GET', path: `/products/${productId}` }),
    status: 200,
    check: (answer, known) => {
      const { sold } = fields(answer)
      return sold === known.sold + QUANTITY ? null : `sold ${String(sold)}, before ${known.sold}`
    },
    remedy: 'Placing an order adds its quantity to what is sold, in the same transaction.',
  },
]

const MALFORMED = 'A body that is no JSON object is 400.'
const FIELD =
  'A field that is missing or of another type is 400, and the problem names it in errors.'
const QUANTITY_RANGE = 'A quantity is 1 to 1,000; another integer is 422.'

const order = (
  name: string,
  body: string | ((known: Readonly<Known>) => unknown),
  status: number,
  remedy: string,
  headers: Record<string, string> = {},
): Case => ({
  name,
  template: '/orders',
  request: (known) => post(typeof body === 'string' ? body : JSON.stringify(body(known)), headers),
  status,
  remedy,
})

/** An Idempotency-Key of this check alone. */
const KEY = `samehost-${Date.now()}-${process.pid}`

/** Orders that must be refused, and with what; and the Idempotency-Key. */
const ORDER_CASES: readonly Case[] = [
  order('order of no JSON', '{"productId":1,', 400, MALFORMED),
  order('order of an array', '[]', 400, MALFORMED),
  order('order without a body', '', 400, MALFORMED),
  order('order without a quantity', ({ productId }) => ({ productId }), 400, FIELD),
  order('order without a product', () => ({ quantity: 1 }), 400, FIELD),
  order(
    'order with a quantity that is text',
    ({ productId }) => ({ productId, quantity: '1' }),
    400,
    FIELD,
  ),
  order('order of a negative id', () => ({ productId: -1, quantity: 1 }), 400, FIELD),
  order(
    'order of quantity 0',
    ({ productId }) => ({ productId, quantity: 0 }),
    422,
    QUANTITY_RANGE,
  ),
  order(
    'order of quantity 1,001',
    ({ productId }) => ({ productId, quantity: 1_001 }),
    422,
    QUANTITY_RANGE,
  ),
  order(
    'order of an unknown product',
    () => ({ productId: Number.MAX_SAFE_INTEGER, quantity: 1 }),
    404,
    'A product id that is well formed but not there is 404.',
  ),
  order('order as text', '{}', 415, 'A body that is not application/json is 415.', {
    'content-type': 'text/plain',
  }),
  {
    ...order('order with an Idempotency-Key', '', 201, ''),
    request: ({ productId }) =>
      post(JSON.stringify({ productId, quantity: 1 }), { 'idempotency-key': KEY }),
    check: ({ body }, known) => {
      known.orderId = Number((body as { id: unknown }).id)
      return null
    },
    remedy: 'An order with an Idempotency-Key is placed like any other.',
  },
  {
    ...order('the same order again', '', 201, ''),
    request: ({ productId }) =>
      post(JSON.stringify({ productId, quantity: 1 }), { 'idempotency-key': KEY }),
    check: ({ body }, { orderId }) => {
      const { id } = body as { id: unknown }
      return id === orderId ? null : `order ${String(id)} beside ${orderId}`
    },
    remedy: 'A retry with the same Idempotency-Key gets the same order, once.',
  },
  order(
    'another order under the same key',
    ({ productId }) => ({ productId, quantity: 2 }),
    422,
    'An Idempotency-Key used for another order is 422.',
    { 'idempotency-key': KEY },
  ),
]

/** Paths and methods that are not there. */
const ROUTING_CASES: readonly Case[] = [
  ['DELETE of the products', '/products', 'DELETE', '/products', 405],
  ['PUT of an order', '/orders/{id}', 'PUT', '/orders/1', 405],
].map(([name, template, method, path, status]) => ({
  name: String(name),
  template: String(template),
  request: () => ({ method: String(method), path: String(path) }),
  status: Number(status),
  check: ({ headers }) => (headers['allow'] ? null : 'no Allow header'),
  remedy: 'A method that a path does not have is 405 with Allow.',
}))

/** In the order in which they are asked. */
export const cases: readonly Case[] = [
  ...JOURNEY_CASES,
  ...REFUSED_READS,
  ...ORDER_CASES,
  ...ROUTING_CASES,
]
