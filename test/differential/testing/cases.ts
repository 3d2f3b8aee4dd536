import type { ShopRequest } from './compare.ts'

/** One thing that the contract decides: a request, the status it gets, and the code if it is a problem. */
export type DecidedCase = Readonly<{
  name: string
  request: ShopRequest
  status: number
  code: string | undefined
}>

type Row = readonly [name: string, request: ShopRequest, status: number, code?: string]

const by = (method: string, path: string, headers: Record<string, string> = {}): ShopRequest => ({
  method,
  path,
  headers,
})
const get = (path: string): ShopRequest => by('GET', path)
const JSON_TYPE = { 'content-type': 'application/json' }
const order = (body: string | Buffer, headers: Record<string, string> = {}): ShopRequest => ({
  ...by('POST', '/orders', { ...JSON_TYPE, ...headers }),
  body,
})
const ORDER = '{"productId":1,"quantity":1}'
const quantity = (json: string): ShopRequest => order(`{"productId":1,"quantity":${json}}`)
const product = (json: string): ShopRequest => order(`{"productId":${json},"quantity":1}`)
const member = (json: string): ShopRequest => order(`{"productId":1,"quantity":1,"note":${json}}`)
const keyed = (key: string): ShopRequest => order(ORDER, { 'idempotency-key': key })
const typed = (type: string): ShopRequest => order(ORDER, { 'content-type': type })

const FIELD = 'invalid-field'
const RANGE = 'out-of-range'
const MALFORMED = 'malformed-json'

const READS: readonly Row[] = [
  [
    'an id of 16 digits that is there to nobody',
    get('/products/9007199254740991'),
    404,
    'unknown-product',
  ],
  ['an order that is not there', get('/orders/9007199254740991'), 404, 'unknown-order'],
  ['an id of 0', get('/products/0'), 400, FIELD],
  ['a negative id', get('/products/-7'), 400, FIELD],
  ['an id beyond 53 bits', get('/products/9007199254740992'), 400, FIELD],
  ['an id beyond 64 bits', get('/products/99999999999999999999'), 400, FIELD],
  ['an id of 400 digits', get(`/products/${'9'.repeat(400)}`), 400, FIELD],
  ['an id that is a fraction', get('/products/1.5'), 400, FIELD],
  ['a word for an id', get('/orders/first'), 400, FIELD],
  ['an encoded quote in an id', get('/products/1%27--'), 400, FIELD],
  ['encoded bytes that are no UTF-8 in an id', get('/products/%ff'), 400, FIELD],
  ['a semicolon in an id', get('/products/7;x'), 400, FIELD],
  ['a limit of 0', get('/products?limit=0'), 422, RANGE],
  ['a limit of 101', get('/products?limit=101'), 422, RANGE],
  ['a limit of 300 digits', get(`/products?limit=${'9'.repeat(300)}`), 422, RANGE],
  ['a limit without a value', get('/products?limit='), 400, FIELD],
  ['a limit that is a word', get('/products?limit=ten'), 400, FIELD],
  ['a limit with an exponent', get('/products?limit=1e1'), 400, FIELD],
  ['a limit in hexadecimal', get('/products?limit=0x10'), 400, FIELD],
  ['a limit that is a fraction', get('/products?limit=1.5'), 400, FIELD],
  ['a negative offset', get('/products?offset=-1'), 422, RANGE],
  ['an offset beyond the last', get('/products?offset=1000000'), 200],
  ['an offset out of range', get('/products?offset=1000001'), 422, RANGE],
  ['an encoded digit', get('/products?limit=%31'), 200],
  ['an unknown parameter', get('/products?limit=1&x=%00&LIMIT=x'), 200],
  ['a parameter where none is named', get('/products/7?limit=x'), 200],
]

const ROUTES: readonly Row[] = [
  ['the root', get('/'), 404, 'not-found'],
  ['a path that is not there', get('/nowhere'), 404, 'not-found'],
  ['a path in capitals', get('/Products'), 404, 'not-found'],
  ['a slash at the end', get('/products/'), 404, 'not-found'],
  ['a slash behind an id', get('/products/7/'), 404, 'not-found'],
  ['a body for a path that is not there', { ...order(ORDER), path: '/nowhere' }, 404, 'not-found'],
  ['DELETE of the products', by('DELETE', '/products'), 405, 'method-not-allowed'],
  ['PUT of an order', by('PUT', '/orders/1'), 405, 'method-not-allowed'],
  ['PATCH of an order', by('PATCH', '/orders/1'), 405, 'method-not-allowed'],
  ['OPTIONS', by('OPTIONS', '/products'), 405, 'method-not-allowed'],
  ['POST for health', by('POST', '/healthz'), 405, 'method-not-allowed'],
  ['GET of all orders', get('/orders'), 405, 'method-not-allowed'],
  ['HEAD of a product', by('HEAD', '/products/7'), 200],
  ['HEAD of a word', by('HEAD', '/products/x'), 400],
  ['HEAD of the orders', by('HEAD', '/orders'), 405],
  ['a body with a GET', { ...get('/products/7'), body: '{}' }, 200],
  [
    'a method that goes before',
    by('GET', '/products/7', { 'x-http-method-override': 'DELETE' }),
    200,
  ],
  [
    'only another representation is accepted',
    by('GET', '/products/7', { accept: 'text/html' }),
    200,
  ],
  ['a condition', by('GET', '/products/7', { 'if-none-match': '*' }), 200],
  ['a range', by('GET', '/products/7', { range: 'bytes=0-1' }), 200],
]

const HEADERS: readonly Row[] = [
  ['a type in capitals', typed('Application/JSON'), 201],
  ['a charset', typed('application/json; charset=utf-8'), 201],
  ['an empty type', typed(''), 415, 'unsupported-media-type'],
  ['text', typed('text/plain'), 415, 'unsupported-media-type'],
  [
    'a type of JSON that is another',
    typed('application/problem+json'),
    415,
    'unsupported-media-type',
  ],
  ['a longer name', typed('application/jsonx'), 415, 'unsupported-media-type'],
  ['a form', typed('application/x-www-form-urlencoded'), 415, 'unsupported-media-type'],
  ['no type', { ...by('POST', '/orders'), body: ORDER }, 415, 'unsupported-media-type'],
  ['a key', keyed('one'), 201],
  ['the same key again', keyed('one'), 201],
  [
    'the same key for another order',
    { ...keyed('one'), body: '{"productId":2,"quantity":1}' },
    422,
    'idempotency-key-reused',
  ],
  ['an empty key', keyed(''), 400, FIELD],
  ['a key with a space', keyed('a b'), 400, FIELD],
  ['a key beyond ASCII', keyed('\xe9'), 400, FIELD],
  ['a key of 255 characters', keyed('k'.repeat(255)), 201],
  ['a key of 256 characters', keyed('k'.repeat(256)), 400, FIELD],
  ['a wrong key with a GET', by('GET', '/products/7', { 'idempotency-key': 'a b' }), 200],
]

const BODIES: readonly Row[] = [
  ['an empty body', order(''), 400, MALFORMED],
  ['white space alone', order(' \r\n\t'), 400, MALFORMED],
  ['white space around', order(` \r\n\t${ORDER}\n`), 201],
  ['half an order', order('{"productId":1,'), 400, MALFORMED],
  ['a second value', order(`${ORDER}{}`), 400, MALFORMED],
  ['a comma at the end', order('{"productId":1,"quantity":1,}'), 400, MALFORMED],
  ['single quotes', order("{'productId':1,'quantity':1}"), 400, MALFORMED],
  ['a comment', order(`/**/${ORDER}`), 400, MALFORMED],
  ['an array', order('[]'), 400, MALFORMED],
  ['a string', order('"{}"'), 400, MALFORMED],
  ['noise', order(Buffer.from([0, 1, 2, 0xff])), 400, MALFORMED],
  ['an empty object', order('{}'), 400, FIELD],
  ['no quantity', order('{"productId":1}'), 400, FIELD],
  ['no product', order('{"quantity":1}'), 400, FIELD],
  ['a name in another style', order('{"product_id":1,"quantity":1}'), 400, FIELD],
  [
    'members of every object',
    order('{"productId":1,"quantity":1,"__proto__":{"quantity":2},"constructor":1}'),
    201,
  ],
  ['only members of a prototype', order('{"__proto__":{"productId":1,"quantity":1}}'), 400, FIELD],
  ['50 levels', member('['.repeat(49) + ']'.repeat(49)), 201],
  ['brackets in a string', member(`"${'['.repeat(500)}"`), 201],
  ['a NUL, escaped', member('"\\u0000"'), 201],
  ['a lone surrogate, escaped', member('"\\ud800"'), 201],
  ['the replacement character itself', member('"\ufffd"'), 201],
  ['an unknown member of 1e400', member('1e400'), 201],
  ['a quantity of null', quantity('null'), 400, FIELD],
  ['a quantity of true', quantity('true'), 400, FIELD],
  ['a quantity that is text', quantity('"1"'), 400, FIELD],
  ['a quantity that is a list', quantity('[1]'), 400, FIELD],
  ['a quantity of 1.5', quantity('1.5'), 400, FIELD],
  ['a quantity of 0', quantity('0'), 422, RANGE],
  ['a negative quantity', quantity('-1'), 422, RANGE],
  ['a quantity of 1,000', quantity('1000'), 201],
  ['a quantity of 1,001', quantity('1001'), 422, RANGE],
  ['a quantity of 53 bits', quantity('9007199254740991'), 422, RANGE],
  ['an id of 0 in a body', product('0'), 400, FIELD],
  ['a negative id in a body', product('-1'), 400, FIELD],
  ['an id beyond 53 bits in a body', product('9007199254740992'), 400, FIELD],
  ['an id that is text', product('"1"'), 400, FIELD],
  ['a product that is not there', product('9007199254740991'), 404, 'unknown-product'],
  ['a body of 16 KiB', order(ORDER + ' '.repeat(16_384 - ORDER.length)), 201],
]

/** What the services decide, each on its own; what the front door decides is in test/docker/front-door.test.ts. */
export const DECIDED: readonly DecidedCase[] = [...READS, ...ROUTES, ...HEADERS, ...BODIES].map(
  ([name, request, status, code]) => ({ name, request, status, code }),
)
