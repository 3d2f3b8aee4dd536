import { rawOrder, rawRequest, type RawRequest } from './raw-request.ts'

/** What must be answered: a status, and of a problem its code. */
export type Expected = Readonly<{ status: number; code?: string }>

/** One thing that the contract decides, and how. */
export type DecidedCase = Readonly<{
  name: string
  request: RawRequest
  direct: Expected
  /** Behind the front door, where that answers for itself. */
  behindDoor: Expected
}>

const BAD = { status: 400, code: 'bad-request' }
const MALFORMED = { status: 400, code: 'malformed-json' }
const FIELD = { status: 400, code: 'invalid-field' }
const RANGE = { status: 422, code: 'out-of-range' }
const NOT_FOUND = { status: 404, code: 'not-found' }
const NOT_ALLOWED = { status: 405, code: 'method-not-allowed' }
const MEDIA = { status: 415, code: 'unsupported-media-type' }
const LARGE_BODY = { status: 413, code: 'body-too-large' }
const LARGE_HEAD = { status: 431, code: 'headers-too-large' }
const OK = { status: 200 }
const PLACED = { status: 201 }

type Row = readonly [name: string, request: RawRequest, direct: Expected, behindDoor?: Expected]

const get = (target: string): RawRequest => rawRequest({ target })
const by = (method: string, target = '/products'): RawRequest => rawRequest({ method, target })
const having = (...headers: RawRequest['headers']): RawRequest => rawRequest({ headers })
const ORDER = '{"productId":1,"quantity":1}'
const order = (body: string | Buffer): RawRequest => rawOrder(body)
const orderHaving = (...headers: RawRequest['headers']): RawRequest => rawOrder(ORDER, { headers })
/** An order whose Content-Type is given, or is left out. */
const typed = (...types: readonly string[]): RawRequest => ({
  ...rawOrder(ORDER),
  headers: types.map((type) => ['Content-Type', type] as const),
})
const member = (json: string): RawRequest => order(`{"productId":1,"quantity":1,"note":${json}}`)
const quantity = (json: string): RawRequest => order(`{"productId":1,"quantity":${json}}`)
const product = (json: string): RawRequest => order(`{"productId":${json},"quantity":1}`)
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
const filled = (bytes: number): string => ORDER + ' '.repeat(bytes - ORDER.length)
const headersOf = (count: number, bytes: number): RawRequest['headers'] =>
  Array.from({ length: count }, (_, at) => [`X-${at}`, 'x'.repeat(bytes)] as const)

/** An order in one chunk whose size line is this. */
const chunk = (line: string): RawRequest =>
  rawOrder(`${line}\r\n${ORDER}\r\n0\r\n\r\n`, {
    framing: 'none',
    headers: [['Transfer-Encoding', 'chunked']],
  })

const TARGETS: readonly Row[] = [
  ['a digit of an id percent-encoded', get('/products/%37'), FIELD],
  ['a letter of a path percent-encoded', get('/%70roducts'), NOT_FOUND],
  ['an encoded slash in an id', get('/products/1%2F2'), FIELD],
  ['an encoded line end in an id', get('/products/1%0a'), FIELD],
  ['an encoded NUL in an id', get('/products/1%00'), FIELD, BAD],
  ['broken percent signs in an id', get('/products/%E0%A4%A'), FIELD, BAD],
  ['an id of other digits', get('/products/%D9%A3'), FIELD],
  ['a sign before an id', get('/products/+7'), FIELD],
  ['a semicolon in an id', get('/products/7;x'), FIELD],
  ['a leading zero in an id', get('/products/07'), FIELD],
  ['an id of 400 digits', get(`/products/${'9'.repeat(400)}`), FIELD],
  ['an id that is a fraction', get('/products/7.0'), FIELD],
  ['a quote, a pipe and braces in an id', get('/products/"|{}<>^`'), FIELD],
  ['a backslash in an id', get('/products/7\\8'), FIELD],
  ['a slash at the end', get('/products/'), NOT_FOUND],
  ['a slash at the end of an id', get('/products/7/'), NOT_FOUND],
  ['two slashes', get('//products'), NOT_FOUND],
  ['two slashes within', get('/products//7'), NOT_FOUND],
  ['a dot segment', get('/./products'), NOT_FOUND],
  ['two dots that lead to a path', get('/orders/../products'), NOT_FOUND],
  ['two dots for an id', get('/products/..'), FIELD],
  ['a path in capitals', get('/Products'), NOT_FOUND],
  ['a fragment', get('/products#top'), NOT_FOUND],
  ['the root', get('/'), NOT_FOUND],
  ['a path of 15 KiB', get(`/${'x'.repeat(15_000)}`), NOT_FOUND],
  ['a path of 20 KiB', get(`/${'x'.repeat(20_000)}`), LARGE_HEAD],
  ['an absolute target', get('http://shop.test/products/7'), OK],
  ['an absolute target in capitals', get('HTTP://shop.test/products/7'), OK],
  ['an absolute target with a query', get('http://shop.test/products?limit=1'), OK],
  ['an absolute target of another scheme', get('ftp://shop.test/products'), BAD, NOT_FOUND],
  ['a target without a slash', get('products'), BAD],
  ['an asterisk', by('OPTIONS', '*'), BAD],
  ['an asterisk to be got', get('*'), BAD],
  ['a byte beyond ASCII in the target', get('/products/7\xff'), BAD, BAD],
  ['a control character in the target', get('/products/7\x01'), BAD],
  ['a tab in the target', get('/products/7\t8'), BAD],
]

const QUERIES: readonly Row[] = [
  ['a limit given twice: the first counts', get('/products?limit=1&limit=x'), OK],
  ['a limit given twice, the first wrong', get('/products?limit=x&limit=1'), FIELD],
  ['a limit without a value', get('/products?limit='), FIELD],
  ['a limit without an equals sign', get('/products?limit'), FIELD],
  ['a limit with a plus', get('/products?limit=+1'), FIELD],
  ['a limit with an encoded space', get('/products?limit=1%20'), FIELD],
  ['an encoded digit of a limit', get('/products?limit=%31'), FIELD],
  ['an encoded letter of a name', get('/products?li%6Dit=x'), OK],
  ['a limit of 400 digits', get(`/products?limit=${'9'.repeat(400)}`), RANGE],
  ['a limit of 5,000 digits', get(`/products?limit=${'9'.repeat(5_000)}`), RANGE],
  ['a limit with leading zeros', get('/products?limit=007'), OK],
  ['a limit of minus zero', get('/products?limit=-0'), RANGE],
  ['an offset of minus zero', get('/products?limit=1&offset=-0'), OK],
  ['a limit in hexadecimal', get('/products?limit=0x10'), FIELD],
  ['a limit with an exponent', get('/products?limit=1e1'), FIELD],
  ['a limit with an underscore', get('/products?limit=1_0'), FIELD],
  ['a limit and an offset, both wrong', get('/products?limit=x&offset=y'), FIELD],
  ['a limit out of range and an offset that is none', get('/products?limit=0&offset=y'), RANGE],
  ['a semicolon in a query', get('/products?limit=1;offset=2'), FIELD],
  ['empty pairs', get('/products?&&=&limit=1&'), OK],
  ['two question marks', get('/products?limit=1?x'), FIELD],
  ['a fragment after a query', get('/products?limit=1#x'), FIELD],
  ['broken percent signs in an unknown parameter', get('/products?limit=1&x=%E0%A4%A'), OK],
  ['a NUL in an unknown parameter', get('/products?limit=1&x=%00'), OK],
  ['brackets after a name', get('/products?limit[]=x'), OK],
  ['a query where none is named', get('/products/7?limit=x'), OK],
]

const METHODS: readonly Row[] = [
  ['HEAD of a product', by('HEAD', '/products/7'), OK],
  ['HEAD of an id that is none', by('HEAD', '/products/x'), { status: 400 }],
  ['HEAD of the orders', by('HEAD', '/orders'), { status: 405 }],
  ['HEAD of health', by('HEAD', '/healthz'), OK],
  ['OPTIONS', by('OPTIONS'), NOT_ALLOWED],
  ['TRACE', by('TRACE'), NOT_ALLOWED],
  ['QUERY', by('QUERY'), NOT_ALLOWED],
  ['PATCH of an order', by('PATCH', '/orders/1'), NOT_ALLOWED],
  ['DELETE of a path that is not there', by('DELETE', '/x'), NOT_FOUND],
  ['a method of WebDAV', by('PROPFIND'), BAD],
  ['a method of WebDAV on a path that is not there', by('PROPFIND', '/x'), BAD],
  ['an unknown method', by('BREW'), BAD],
  ['a method in small letters', by('get'), BAD],
  ['a method that is no token', by('GE(T'), BAD],
  ['CONNECT', by('CONNECT', 'shop.test:80'), BAD],
  ['POST for health', by('POST', '/healthz'), NOT_ALLOWED],
  ['a body with a GET', { ...get('/products/7'), body: Buffer.from('{}'), framing: 'length' }, OK],
  [
    'a chunked body with a GET',
    { ...get('/products/7'), body: Buffer.from('{}'), framing: { chunkBytes: 1 } },
    OK,
  ],
  ['a body for a path that is not there', rawOrder(ORDER, { target: '/x' }), NOT_FOUND],
]

const HEADS: readonly Row[] = [
  ['HTTP/1.0', rawRequest({ version: 'HTTP/1.0' }), OK],
  ['HTTP/1.0 without Host', rawRequest({ version: 'HTTP/1.0', withoutHost: true }), BAD],
  ['no Host', rawRequest({ withoutHost: true }), BAD],
  ['two Hosts', having(['Host', 'a.test'], ['Host', 'b.test']), BAD],
  ['the same Host twice', having(['Host', 'a.test'], ['Host', 'a.test']), BAD],
  ['an empty Host', having(['Host', '']), BAD],
  ['a Host with a space', having(['Host', 'a b']), BAD],
  ['a Host with a slash', having(['Host', 'a/b']), BAD],
  ['a Host with an at sign', having(['Host', 'a@b']), BAD],
  ['a Host with an underscore and a port', having(['Host', 'A_b.test:8080']), OK],
  ['a Host of IPv6', having(['Host', '[::1]:8080']), OK],
  ['HTTP/2.0', rawRequest({ version: 'HTTP/2.0' }), BAD],
  ['the preface of HTTP/2', rawRequest({ method: 'PRI', target: '*', version: 'HTTP/2.0' }), BAD],
  ['HTTP/1.2', rawRequest({ version: 'HTTP/1.2' }), BAD],
  ['HTTP/0.9', rawRequest({ version: 'HTTP/0.9' }), BAD],
  ['another protocol', rawRequest({ version: 'ICE/1.0' }), BAD],
  ['lines that end in LF alone', rawRequest({ lineEnd: '\n' }), BAD, OK],
  ['an empty line before the request', rawRequest({ method: '\r\nGET' }), OK],
  ['white space around a Host', having(['Host', '\t shop.test \t']), OK, BAD],
  ['white space around a type', typed('\t application/json \t'), PLACED],
  ['white space around a key', orderHaving(['Idempotency-Key', ' \tspaced\t ']), PLACED],
  ['white space around a length', rawRequest({ headers: [['Content-Length', ' 0\t']] }), OK, BAD],
  [
    'white space around a coding',
    rawOrder(`1c\r\n${ORDER}\r\n0\r\n\r\n`, {
      framing: 'none',
      headers: [['Transfer-Encoding', '\tchunked ']],
    }),
    PLACED,
    BAD,
  ],
  ['white space around an expectation', orderHaving(['Expect', ' 100-Continue\t']), PLACED],
  ['a tab in the request line', rawRequest({ method: 'GET\t' }), BAD],
  ['a space behind the version', rawRequest({ version: 'HTTP/1.1 ' }), BAD],
  ['a small version', rawRequest({ version: 'http/1.1' }), BAD],
  ['a folded header', having(['X', 'a\r\n b']), BAD],
  ['a space before the colon', having(['X ', 'a']), BAD],
  ['a header without a name', having(['', 'a']), BAD],
  ['a header name that is no token', having(['X(y)', 'a']), BAD],
  ['a control character in a header', having(['X', 'a\x01b']), BAD],
  ['a NUL in a header', having(['X', 'a\0b']), BAD],
  ['a bare CR in a header', having(['X', 'a\rb']), BAD],
  ['a bare LF in a header', having(['X', 'a\nY: b']), BAD, OK],
  ['a tab in a header', having(['X', 'a\tb']), OK],
  ['a byte beyond ASCII in a header', having(['X', 'a\xffb']), OK],
  ['an underscore in a header name', having(['X_y', 'a']), OK],
  ['a header of the name SCRIPT_NAME', having(['SCRIPT_NAME', '/x']), OK],
  [
    'proxies that disagree on the scheme',
    having(['X-Forwarded-Proto', 'https'], ['X-Forwarded-Proto', 'http']),
    OK,
  ],
  ['90 headers', having(...headersOf(90, 20)), OK],
  ['120 headers', having(...headersOf(120, 20)), LARGE_HEAD],
  ['three headers of 4 KiB', having(...headersOf(3, 4_096)), OK],
  ['three headers of 7 KiB', having(...headersOf(3, 7_168)), LARGE_HEAD],
  ['a header of 15 KiB', having(...headersOf(1, 15_000)), OK],
  ['a header of 20 KiB', having(...headersOf(1, 20_480)), LARGE_HEAD],
  ['a header of 200 KiB', having(...headersOf(1, 204_800)), LARGE_HEAD],
  ['a method that goes before', having(['X-HTTP-Method-Override', 'DELETE']), OK],
  ['only another representation is accepted', having(['Accept', 'text/html;q=1']), OK],
  ['a range', having(['Range', 'bytes=0-1']), OK],
  ['a condition', having(['If-None-Match', '*']), OK],
  ['an upgrade', having(['Connection', 'close, upgrade'], ['Upgrade', 'websocket']), OK],
  [
    'an upgrade of an order',
    orderHaving(['Connection', 'close, upgrade'], ['Upgrade', 'h2c']),
    PLACED,
  ],
  ['an expectation', orderHaving(['Expect', '100-continue']), PLACED],
  [
    'another expectation',
    orderHaving(['Expect', 'a miracle']),
    { status: 417, code: 'expectation-failed' },
    PLACED,
  ],
]

const FRAMES: readonly Row[] = [
  ['a chunked order', rawOrder(ORDER, { framing: { chunkBytes: 7 } }), PLACED],
  ['two equal lengths', orderHaving(['Content-Length', '28']), BAD],
  ['two lengths', orderHaving(['Content-Length', '2']), BAD],
  [
    'a length and chunks',
    rawOrder(ORDER, { framing: { chunkBytes: 7 }, headers: [['Content-Length', '28']] }),
    BAD,
  ],
  [
    'a length with a sign',
    rawOrder(ORDER, { framing: 'none', headers: [['Content-Length', '+28']] }),
    BAD,
  ],
  [
    'a negative length',
    rawOrder(ORDER, { framing: 'none', headers: [['Content-Length', '-1']] }),
    BAD,
  ],
  [
    'a length that is none',
    rawOrder(ORDER, { framing: 'none', headers: [['Content-Length', 'x']] }),
    BAD,
  ],
  [
    'a list of lengths',
    rawOrder(ORDER, { framing: 'none', headers: [['Content-Length', '28, 28']] }),
    BAD,
  ],
  ['an empty length', rawOrder(ORDER, { framing: 'none', headers: [['Content-Length', '']] }), BAD],
  [
    'a length of 30 digits',
    rawOrder(ORDER, { framing: 'none', headers: [['Content-Length', '9'.repeat(30)]] }),
    BAD,
  ],
  [
    'a length beyond the bound',
    rawOrder(ORDER, { framing: 'none', headers: [['Content-Length', '99999']] }),
    LARGE_BODY,
  ],
  [
    'chunks of chunks',
    rawOrder(ORDER, { framing: { chunkBytes: 7 }, headers: [['Transfer-Encoding', 'chunked']] }),
    BAD,
  ],
  [
    'a coding before chunked',
    rawOrder(ORDER, { framing: 'none', headers: [['Transfer-Encoding', 'gzip, chunked']] }),
    BAD,
  ],
  [
    'another transfer coding',
    rawOrder(ORDER, { framing: 'none', headers: [['Transfer-Encoding', 'gzip']] }),
    BAD,
  ],
  [
    'the identity coding',
    rawOrder(ORDER, { framing: 'none', headers: [['Transfer-Encoding', 'identity']] }),
    BAD,
  ],
  [
    'a transfer coding of no name',
    rawOrder(ORDER, { framing: 'none', headers: [['Transfer-Encoding', '']] }),
    BAD,
  ],
  [
    'chunked in capitals',
    rawOrder(ORDER, {
      framing: 'none',
      body: latin1(`1c\r\n${ORDER}\r\n0\r\n\r\n`),
      headers: [['Transfer-Encoding', 'CHUNKED']],
    }),
    PLACED,
  ],
  [
    'a chunk with an extension',
    rawOrder(ORDER, {
      framing: 'none',
      body: latin1(`1c;a=b\r\n${ORDER}\r\n0\r\n\r\n`),
      headers: [['Transfer-Encoding', 'chunked']],
    }),
    PLACED,
  ],
  [
    'a trailer',
    rawOrder(ORDER, {
      framing: 'none',
      body: latin1(`1c\r\n${ORDER}\r\n0\r\nX: y\r\n\r\n`),
      headers: [['Transfer-Encoding', 'chunked']],
    }),
    PLACED,
  ],
  [
    'a trailer by the name of a header',
    rawOrder(ORDER, {
      framing: 'none',
      body: latin1(`1c\r\n${ORDER}\r\n0\r\nIdempotency-Key: a b\r\nContent-Type: x\r\n\r\n`),
      headers: [['Transfer-Encoding', 'chunked']],
    }),
    PLACED,
  ],
  [
    'a chunk of no size',
    rawOrder(ORDER, {
      framing: 'none',
      body: latin1(`zz\r\n${ORDER}\r\n0\r\n\r\n`),
      headers: [['Transfer-Encoding', 'chunked']],
    }),
    BAD,
  ],
  [
    'a chunk longer than its size',
    rawOrder(ORDER, {
      framing: 'none',
      body: latin1(`1b\r\n${ORDER}\r\n0\r\n\r\n`),
      headers: [['Transfer-Encoding', 'chunked']],
    }),
    BAD,
  ],
  ['a chunk size in capitals', chunk('1C'), PLACED],
  ['a chunk size with zeros before it', chunk('0001c'), PLACED],
  ['a chunk size with a sign', chunk('+1c'), BAD],
  ['a chunk size with 0x before it', chunk('0x1c'), BAD],
  ['a chunk size of 17 digits', chunk('10000000000000000'), BAD],
  ['a chunk size with a quoted extension', chunk('1c;a="b;c"'), PLACED],
  ['a chunk with two extensions', chunk('1c;a;b=c'), PLACED],
  ['a chunk with a space before its extension', chunk('1c ;a=b'), BAD, PLACED],
  ['chunks in HTTP/1.0', rawOrder(ORDER, { version: 'HTTP/1.0', framing: { chunkBytes: 7 } }), BAD],
  ['a body of 16 KiB', order(filled(16_384)), PLACED],
  ['a body of a byte more', order(filled(16_385)), LARGE_BODY],
  ['chunks of 16 KiB', rawOrder(filled(16_384), { framing: { chunkBytes: 4_096 } }), PLACED],
  [
    'chunks of a byte more',
    rawOrder(filled(16_385), { framing: { chunkBytes: 4_096 } }),
    LARGE_BODY,
  ],
  ['a body of 100 KiB', order(filled(102_400)), LARGE_BODY],
]

const TYPES: readonly Row[] = [
  ['no Content-Type', typed(), MEDIA],
  ['an empty Content-Type', typed(''), MEDIA],
  ['two Content-Types', typed('application/json', 'application/json'), MEDIA],
  ['two Content-Types, the second another', typed('application/json', 'text/plain'), MEDIA],
  ['a Content-Type in capitals', typed('APPLICATION/JSON'), PLACED],
  ['a charset', typed('application/json; charset=utf-8'), PLACED],
  ['another charset, which is not looked at', typed('application/json; charset=utf-16'), PLACED],
  ['a space before the semicolon', typed('application/json ;charset=utf-8'), PLACED],
  ['a tab before the semicolon', typed('application/json\t;charset=utf-8'), MEDIA],
  ['a type of JSON that is another', typed('application/problem+json'), MEDIA],
  ['a longer name', typed('application/jsonx'), MEDIA],
  ['a list of types', typed('application/json, text/plain'), MEDIA],
  ['a form', typed('application/x-www-form-urlencoded'), MEDIA],
  [
    'a wrong type of a body that is too large',
    { ...order(filled(20_000)), headers: [['Content-Type', 'text/plain']] },
    MEDIA,
    LARGE_BODY,
  ],
  ['a Content-Encoding, which is not undone', orderHaving(['Content-Encoding', 'gzip']), PLACED],
  [
    'two Idempotency-Keys',
    orderHaving(['Idempotency-Key', 'two-a'], ['Idempotency-Key', 'two-b']),
    FIELD,
  ],
  [
    'the same Idempotency-Key twice',
    orderHaving(['Idempotency-Key', 'same'], ['Idempotency-Key', 'same']),
    FIELD,
  ],
  ['an empty Idempotency-Key', orderHaving(['Idempotency-Key', '']), FIELD],
  ['an Idempotency-Key with a space', orderHaving(['Idempotency-Key', 'a b']), FIELD],
  ['an Idempotency-Key with a comma', orderHaving(['Idempotency-Key', 'a,b']), PLACED],
  ['an Idempotency-Key beyond ASCII', orderHaving(['Idempotency-Key', '\xe9']), FIELD],
  [
    'an Idempotency-Key of 255 characters',
    orderHaving(['Idempotency-Key', 'k'.repeat(255)]),
    PLACED,
  ],
  [
    'an Idempotency-Key of 256 characters',
    orderHaving(['Idempotency-Key', 'k'.repeat(256)]),
    FIELD,
  ],
  ['the key of another name', orderHaving(['Idempotency_Key', 'a b']), PLACED],
  [
    'a wrong key, type and body: the key is reported',
    rawOrder('{', {
      headers: [
        ['Idempotency-Key', ''],
        ['Content-Type', 'x/y'],
      ],
    }),
    FIELD,
  ],
  ['a wrong key with a GET', having(['Idempotency-Key', '']), OK],
  [
    'a wrong type and body: the type is reported',
    rawOrder('{', { headers: [['Content-Type', 'x/y']] }),
    MEDIA,
  ],
]

const BODIES: readonly Row[] = [
  ['no body', { ...rawOrder(''), framing: 'none' }, MALFORMED],
  ['an empty body', order(''), MALFORMED],
  ['white space alone', order(' \r\n\t'), MALFORMED],
  ['white space around', order(` \r\n\t${ORDER}\n`), PLACED],
  ['white space of another kind', order(`\f${ORDER}`), MALFORMED],
  ['a no-break space', order(`\u00a0${ORDER}`), MALFORMED],
  ['UTF-16, little end first', order(Buffer.from(ORDER, 'utf16le')), MALFORMED],
  ['UTF-16 with a mark', order(Buffer.from(`\ufeff${ORDER}`, 'utf16le')), MALFORMED],
  ['UTF-16, big end first', order(Buffer.from(ORDER, 'utf16le').swap16()), MALFORMED],
  ['UTF-32', order(Buffer.from(Uint32Array.from(Buffer.from(ORDER)).buffer)), MALFORMED],
  ['a byte order mark', order(`\ufeff${ORDER}`), MALFORMED],
  [
    'invalid UTF-8 in an unknown member',
    order(latin1(`{"productId":1,"quantity":1,"note":"\xff"}`)),
    MALFORMED,
  ],
  [
    'invalid UTF-8 in the name of a member',
    order(latin1(`{"productId":1,"quantity":1,"\xc3(":1}`)),
    MALFORMED,
  ],
  ['an overlong form', order(latin1(`{"productId":1,"quantity":1,"note":"\xc0\xaf"}`)), MALFORMED],
  [
    'a surrogate in UTF-8',
    order(latin1(`{"productId":1,"quantity":1,"note":"\xed\xa0\x80"}`)),
    MALFORMED,
  ],
  ['the replacement character itself', member('"\ufffd"'), PLACED],
  ['a lone surrogate, escaped', member('"\\ud800"'), PLACED],
  ['a lone surrogate for a quantity', quantity('"\\ud800"'), FIELD],
  ['a NUL, escaped', member('"\\u0000"'), PLACED],
  ['a control character in a string', member('"\x01"'), MALFORMED],
  ['an escape that is none', member('"\\x41"'), MALFORMED],
  ['NaN', member('NaN'), MALFORMED],
  ['Infinity', member('Infinity'), MALFORMED],
  ['minus Infinity', quantity('-Infinity'), MALFORMED],
  ['a comment', order(`/**/${ORDER}`), MALFORMED],
  ['a comma at the end', order('{"productId":1,"quantity":1,}'), MALFORMED],
  ['single quotes', order("{'productId':1,'quantity':1}"), MALFORMED],
  ['a second value', order(`${ORDER}{}`), MALFORMED],
  ['a NUL at the end', order(`${ORDER}\0`), MALFORMED],
  ['an array', order('[]'), MALFORMED],
  ['null', order('null'), MALFORMED],
  ['a string', order('"{}"'), MALFORMED],
  ['an empty object', order('{}'), FIELD],
  ['a name in another style', order('{"product_id":1,"quantity":1}'), FIELD],
  ['a name in capitals', order('{"PRODUCTID":1,"Quantity":1}'), FIELD],
  ['a name beside its right one', order('{"productid":2,"productId":1,"quantity":1}'), PLACED],
  ['a name that is escaped', order('{"product\\u0049d":1,"quantity":1}'), PLACED],
  [
    'a member twice: the last counts',
    order('{"productId":"x","quantity":1,"productId":1}'),
    PLACED,
  ],
  ['a member twice, the last wrong', order('{"productId":1,"quantity":1,"productId":"x"}'), FIELD],
  [
    'members of every object',
    order('{"productId":1,"quantity":1,"__proto__":{"quantity":2},"constructor":1}'),
    PLACED,
  ],
  ['100 levels', member(nested(99)), PLACED],
  ['101 levels', member(nested(100)), MALFORMED],
  ['8,000 levels', member(nested(8_000)), MALFORMED],
  ['16,000 brackets that open', order('['.repeat(16_000)), MALFORMED],
  ['brackets in a string', member(`"${'['.repeat(500)}"`), PLACED],
  ['a quantity of null', quantity('null'), FIELD],
  ['a quantity of true', quantity('true'), FIELD],
  ['a quantity that is text', quantity('"1"'), FIELD],
  ['a quantity that is a list', quantity('[1]'), FIELD],
  ['a quantity of 1.0', quantity('1.0'), PLACED],
  ['a quantity of 1e0', quantity('1e0'), PLACED],
  ['a quantity of 0.1E1', quantity('0.1E1'), PLACED],
  ['a quantity of 1.5', quantity('1.5'), FIELD],
  ['a quantity of minus zero', quantity('-0'), RANGE],
  ['a quantity of -0.0', quantity('-0.0'), RANGE],
  ['a quantity with a leading zero', quantity('01'), MALFORMED],
  ['a quantity with a plus', quantity('+1'), MALFORMED],
  ['a quantity without an integer part', quantity('.5'), MALFORMED],
  ['a quantity of 300 digits', quantity('9'.repeat(300)), RANGE],
  ['a quantity of 400 digits', quantity('9'.repeat(400)), FIELD],
  ['a quantity of 5,000 digits', quantity('9'.repeat(5_000)), FIELD],
  ['a quantity of 1e308', quantity('1e308'), RANGE],
  ['a quantity of 1e309', quantity('1e309'), FIELD],
  ['a quantity of 1e-400', quantity('1e-400'), RANGE],
  ['a quantity of 1000.0000000000000001', quantity('1000.0000000000000001'), PLACED],
  ['an id of 1.0', product('1.0'), PLACED],
  ['an id beyond 53 bits', product('9007199254740992'), FIELD],
  [
    'an id that rounds to 53 bits',
    product('9007199254740991.4'),
    { status: 404, code: 'unknown-product' },
  ],
  ['an id of 400 digits', product('9'.repeat(400)), FIELD],
  ['an id of minus zero', product('-0'), FIELD],
  ['an unknown member of 1e400', member('1e400'), PLACED],
  ['an unknown member of 5,000 digits', member('9'.repeat(5_000)), PLACED],
  ['an id that is wrong and a quantity out of range', order('{"productId":0,"quantity":0}'), FIELD],
]

/** Each thing on which two services once differed, or on which their parts do, and its neighbours. */
export const DECIDED: readonly DecidedCase[] = [
  ...TARGETS,
  ...QUERIES,
  ...METHODS,
  ...HEADS,
  ...FRAMES,
  ...TYPES,
  ...BODIES,
].map(([name, request, direct, behindDoor = direct]) => ({ name, request, direct, behindDoor }))
