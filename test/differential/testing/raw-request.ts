/** A request as it goes over the wire, to the letter: also what no HTTP library would let through. */
export type RawRequest = Readonly<{
  method: string
  target: string
  version: string
  headers: readonly (readonly [name: string, value: string])[]
  body: Buffer
  /** How the body is delimited: by its length, in chunks of this size, or not at all. */
  framing: 'length' | 'none' | Readonly<{ chunkBytes: number }>
  lineEnd: string
  withoutHost: boolean
}>

/** A request that is as it should be, but for what is given. */
export function rawRequest(changes: Partial<RawRequest> = {}): RawRequest {
  return {
    method: 'GET',
    target: '/products/7',
    version: 'HTTP/1.1',
    headers: [],
    body: Buffer.alloc(0),
    framing: changes.body === undefined ? 'none' : 'length',
    lineEnd: '\r\n',
    withoutHost: false,
    ...changes,
  }
}

/** An order with this body and these headers beside its Content-Type. */
export function rawOrder(body: string | Buffer, changes: Partial<RawRequest> = {}): RawRequest {
  const { headers = [] } = changes
  const hasType = headers.some(([name]) => /^content-type$/i.test(name))
  return rawRequest({
    method: 'POST',
    target: '/orders',
    body: Buffer.from(body),
    ...changes,
    headers: [...(hasType ? [] : ([['Content-Type', 'application/json']] as const)), ...headers],
  })
}

const named = (headers: RawRequest['headers'], name: RegExp): boolean =>
  headers.some(([given]) => name.test(given))

/** The request in bytes, for a service below `base` (such as `/pooled` behind the front door). */
export function bytesOf(request: RawRequest, base = ''): Buffer {
  const { method, target, version, headers, body, framing, lineEnd } = request
  const lines = [`${method} ${targetBelow(base, target)} ${version}`]
  for (const [name, value] of headers) lines.push(`${name}: ${value}`)
  if (!request.withoutHost && !named(headers, /^host$/i)) lines.push('Host: shop.test')
  if (!named(headers, /^connection$/i)) lines.push('Connection: close')
  if (framing === 'length') lines.push(`Content-Length: ${body.length}`)
  if (typeof framing === 'object') lines.push('Transfer-Encoding: chunked')
  const head = Buffer.from([...lines, '', ''].join(lineEnd), 'latin1')
  return Buffer.concat([head, typeof framing === 'object' ? chunked(body, framing) : body])
}

function targetBelow(base: string, target: string): string {
  if (target.startsWith('/')) return base + target
  return target.replace(/^(https?:\/\/[^/?]*)/i, `$1${base}`)
}

function chunked(body: Buffer, { chunkBytes }: Readonly<{ chunkBytes: number }>): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.subarray(at, at + chunkBytes)
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** Four requests in one packet, of which the first is answered last where order is not kept. */
export function pipelined(base = ''): Buffer {
  const kept = [['Connection', 'keep-alive']] as const
  return Buffer.concat([
    bytesOf(rawOrder('{"productId":1,"quantity":1}', { headers: kept }), base),
    bytesOf(rawRequest({ headers: kept, target: '/products/%37' }), base),
    bytesOf(rawOrder('{}', { framing: { chunkBytes: 1 }, headers: kept }), base),
    bytesOf(rawRequest({ target: '/nowhere' }), base),
  ])
}
export const PIPELINED_STATUSES = [201, 400, 400, 404]
