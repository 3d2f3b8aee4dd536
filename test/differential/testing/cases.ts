import { signed } from '../../../scenarios/shop/tokens.ts'
import { signedIn } from '../../fixtures/shop.ts'
import type { ShopRequest } from './compare.ts'

/**
 * One thing that the contract decides, beyond the suite of scenarios/shop/cases.ts: a request, the status it
 * gets, and the code if it is a problem.
 */
export type DecidedCase = Readonly<{
  name: string
  request: ShopRequest
  status: number
  code: string | undefined
}>

type Row = readonly [name: string, request: ShopRequest, status: number, code?: string]
type Headers = Readonly<Record<string, string>>

const by = (method: string, path: string, headers: Headers = {}): ShopRequest => {
  return { method, path, headers: { ...signedIn(), ...headers } }
}
const get = (path: string, headers: Headers = {}): ShopRequest => by('GET', path, headers)
const order = (body: string | Buffer, headers: Headers = {}): ShopRequest => ({
  ...by('POST', '/orders', { 'content-type': 'application/json', ...headers }),
  body,
})
let orders = 0
/** The members of a right order, under a number of its own. */
const right = (): string =>
  `"number":"decided-${(orders += 1)}","productId":1,"items":[{"id":1,"quantity":1}]`
const placed = (headers: Headers = {}): ShopRequest => order(`{${right()}}`, headers)
const withMember = (json: string): ShopRequest => order(`{${right()},"note":${json}}`)
const typed = (type: string): ShopRequest => placed({ 'content-type': type })
const items = (json: string): ShopRequest =>
  order(`{"number":"decided-${(orders += 1)}","productId":1,"items":${json}}`)
const ofQuantity = (json: string): ShopRequest => items(`[{"id":1,"quantity":${json}}]`)
const ofProduct = (json: string): ShopRequest =>
  order(`{"number":"x","productId":${json},"items":[{"id":1,"quantity":1}]}`)
const as = (authorization: string): ShopRequest => placed({ authorization })
const signIn = (body: string): ShopRequest => ({ ...order(body), path: '/sign-in' })

const FIELD = 'invalid-field'
const RANGE = 'out-of-range'
const MALFORMED = 'malformed-json'
const NOBODY = 'unauthorized'

const READS: readonly Row[] = [
  ['an id of 400 digits', get(`/products/${'9'.repeat(400)}`), 400, FIELD],
  ['an encoded quote in an id', get('/products/1%27--'), 400, FIELD],
  ['encoded bytes that are no UTF-8 in an id', get('/products/%ff'), 400, FIELD],
  ['a semicolon in an id', get('/products/7;x'), 400, FIELD],
  ['an unknown parameter', get('/products?x=%00&limit=x'), 200],
  ['a parameter of a product', get('/products/7?limit=x'), 200],
  ['an order’s number with a space', get('/orders/a%20b'), 404, 'unknown-order'],
  ['an order’s number with a quote', get('/orders/1%27--'), 404, 'unknown-order'],
  ['an order’s number in no UTF-8', get('/orders/%ff'), 404, 'unknown-order'],
]

const ROUTES: readonly Row[] = [
  ['the root', get('/'), 404, 'not-found'],
  ['a path that is not there', get('/nowhere'), 404, 'not-found'],
  ['a path in capitals', get('/Products'), 404, 'not-found'],
  ['a slash at the end', get('/products/'), 404, 'not-found'],
  ['a slash behind an id', get('/products/7/'), 404, 'not-found'],
  ['a body for a path that is not there', { ...placed(), path: '/nowhere' }, 404, 'not-found'],
  ['PATCH of an order', by('PATCH', '/orders/1'), 405, 'method-not-allowed'],
  ['OPTIONS', by('OPTIONS', '/products'), 405, 'method-not-allowed'],
  ['POST for health', by('POST', '/healthz'), 405, 'method-not-allowed'],
  ['GET of all orders', get('/orders'), 405, 'method-not-allowed'],
  ['GET of a sign-in', get('/sign-in'), 405, 'method-not-allowed'],
  ['HEAD of a product', by('HEAD', '/products/7'), 200],
  ['HEAD of a word', by('HEAD', '/products/x'), 400],
  ['HEAD of the orders', by('HEAD', '/orders'), 405],
  ['a body with a GET', { ...get('/products/7'), body: '{}' }, 200],
  ['a method that goes before', get('/products/7', { 'x-http-method-override': 'DELETE' }), 200],
  ['only another representation is accepted', get('/products/7', { accept: 'text/html' }), 200],
  ['a condition', get('/products/7', { 'if-none-match': '*' }), 200],
  ['a range', get('/products/7', { range: 'bytes=0-1' }), 200],
]

const TYPES: readonly Row[] = [
  ['a type in capitals', typed('Application/JSON'), 201],
  ['a charset', typed('application/json; charset=utf-8'), 201],
  ...['', 'text/plain', 'application/problem+json', 'application/jsonx', 'text/json'].map(
    (type): Row => [`the type "${type}"`, typed(type), 415, 'unsupported-media-type'],
  ),
  ['no type', { ...by('POST', '/orders'), body: '{}' }, 415, 'unsupported-media-type'],
]

const hour = (): number => Math.floor(Date.now() / 1000) + 3_600
const { authorization: good } = signedIn()
/** With the user of another token's signature. */
const altered = good.replace(
  /\.[^.]+\./,
  `.${signed({ sub: '2', exp: hour() }).split('.')[1] ?? ''}.`,
)
const TOKENS: readonly Row[] = [
  ['a scheme in other capitals', as(good.replace('Bearer', 'bEARER')), 201],
  ['a token alone', as(good.replace('Bearer ', '')), 401, NOBODY],
  ['a scheme alone', as('Bearer'), 401, NOBODY],
  ['a token with a fourth part', as(`${good}.x`), 401, NOBODY],
  ['a token without its signature', as(good.replace(/[^.]+$/, '')), 401, NOBODY],
  ['a token of another user’s words', as(altered), 401, NOBODY],
  ['a user who is a number', as(`Bearer ${signed({ sub: 1, exp: hour() })}`), 401, NOBODY],
  [
    'a user of 20 digits',
    as(`Bearer ${signed({ sub: '9'.repeat(20), exp: hour() })}`),
    401,
    NOBODY,
  ],
  [
    'a token that is not good yet',
    as(`Bearer ${signed({ sub: '1', exp: hour(), nbf: hour() - 60 })}`),
    401,
    NOBODY,
  ],
  ['a user who is not there', as(signedIn(99_999).authorization), 401, NOBODY],
  [
    'another algorithm’s name',
    as(`Bearer ${signed({ sub: '1', exp: hour() }, { alg: 'HS512' })}`),
    401,
    NOBODY,
  ],
]

const BODIES: readonly Row[] = [
  ['white space alone', order(' \r\n\t'), 400, MALFORMED],
  ['white space around', order(` \r\n\t{${right()}}\n`), 201],
  ['a second value', order(`{${right()}}{}`), 400, MALFORMED],
  ['a comma at the end', order(`{${right()},}`), 400, MALFORMED],
  ['single quotes', order("{'number':'x'}"), 400, MALFORMED],
  ['a comment', order(`/**/{${right()}}`), 400, MALFORMED],
  ['null', order('null'), 400, MALFORMED],
  ['a string', order('"{}"'), 400, MALFORMED],
  ['noise', order(Buffer.from([0, 1, 2, 0xff])), 400, MALFORMED],
  ['an empty object', order('{}'), 400, FIELD],
  ['a name in another style', order('{"number":"x","product_id":1,"items":[]}'), 400, FIELD],
  ['members of every object', order(`{${right()},"__proto__":{"items":1},"constructor":1}`), 201],
  ['only members of a prototype', order(`{"__proto__":{${right()}}}`), 400, FIELD],
  ['50 levels', withMember('['.repeat(49) + ']'.repeat(49)), 201],
  ['brackets in a string', withMember(`"${'['.repeat(500)}"`), 201],
  ['a NUL, escaped', withMember('"\\u0000"'), 201],
  ['a lone surrogate, escaped', withMember('"\\ud800"'), 201],
  ['the replacement character itself', withMember('"\ufffd"'), 201],
  ['an unknown member of 1e400', withMember('1e400'), 201],
  ['a body of 16 KiB', order(`{${right()}}`.padEnd(16_384)), 201],
]

const FIELDS: readonly Row[] = [
  ...['null', 'true', '[1]', '{}', '1.5', '""', '{"toString":""}'].map((json): Row => [
    `a quantity of ${json}`,
    ofQuantity(json),
    400,
    FIELD,
  ]),
  ['a negative quantity', ofQuantity('-1'), 422, RANGE],
  ['a quantity of 100', ofQuantity('100'), 201],
  ['a quantity of 53 bits', ofQuantity('9007199254740991'), 422, RANGE],
  ...['0', '9007199254740992', '99999999999999999999', '1.5', '"1"', 'null', '[]'].map(
    (json): Row => [`a product of ${json}`, ofProduct(json), 400, FIELD],
  ),
  ['a product that is not there', ofProduct('9007199254740991'), 404, 'unknown-product'],
  ['an item that is null', items('[null]'), 400, FIELD],
  ['an item that is a list', items('[[]]'), 400, FIELD],
  ['items that are text', items('"1"'), 400, FIELD],
  [
    'two items of which one is of another product',
    items('[{"id":1,"quantity":1},{"id":5,"quantity":1}]'),
    422,
    'unknown-item',
  ],
]

const SIGN_INS: readonly Row[] = [
  ['a sign-in of no JSON', signIn('{'), 400, MALFORMED],
  ['an email with a NUL', signIn('{"email":"a\\u0000b","password":"x"}'), 400, FIELD],
  ['an email with a space', signIn('{"email":"a b","password":"x"}'), 400, FIELD],
  ['an email of 256', signIn(`{"email":"${'a'.repeat(256)}","password":"x"}`), 400, FIELD],
  ['an empty password', signIn('{"email":"a@example.com","password":""}'), 400, FIELD],
  [
    'a password of 256',
    signIn(`{"email":"a@example.com","password":"${'é'.repeat(256)}"}`),
    400,
    FIELD,
  ],
  [
    'a password of 255 beyond the first plane',
    signIn(`{"email":"a@example.com","password":"${'\u{1f512}'.repeat(255)}"}`),
    401,
    NOBODY,
  ],
]

/** What the services decide, each on its own; what the front door decides is in test/docker/front-door.test.ts. */
export const DECIDED: readonly DecidedCase[] = [
  ...READS,
  ...ROUTES,
  ...TYPES,
  ...TOKENS,
  ...BODIES,
  ...FIELDS,
  ...SIGN_INS,
].map(([name, request, status, code]) => ({ name, request, status, code }))
