/** What the suite has learnt so far, for the cases that build on earlier answers. */
export type Known = { productId: number; sold: number; orderId: number }

export type CaseRequest = Readonly<{
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
}>

export type CaseAnswer = Readonly<{ headers: Headers; body: unknown }>

/** One case of the contract: a request, the status it must get, and what more must hold. */
export type Case = Readonly<{
  name: string
  /** The path in services/contract.yaml. */
  template: string
  request(known: Readonly<Known>): CaseRequest
  status: number
  /** @returns what is wrong with an answer whose status and shape are right; null if nothing */
  check?(answer: CaseAnswer, known: Known): string | null
  /** How to mend a service that fails it. */
  remedy: string
}>

const get = (path: string) => (): CaseRequest => ({ method: 'GET', path })

/** An order as `productId` and `quantity`, or as any JSON text. */
export const post = (body: string, headers: Record<string, string> = {}): CaseRequest => ({
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
export const REFUSED_READS: readonly Case[] = (
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
