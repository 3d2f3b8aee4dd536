import { isUtf8 } from 'node:buffer'
import type { HonoRequest } from 'hono'
import type { Input } from './input.ts'
import type { Problem } from './problems.ts'

/** An order is some 40 bytes. The bound keeps a client from filling the memory. */
const BODY_MAX_BYTES = 16_384

const TOO_LARGE: Problem = {
  code: 'body-too-large',
  detail: `The body must not exceed ${BODY_MAX_BYTES} bytes.`,
}
const NOT_JSON: Problem = {
  code: 'unsupported-media-type',
  detail: 'The body must be application/json.',
}
const MALFORMED: Problem = { code: 'malformed-json', detail: 'The body must be a JSON object.' }
const CUT_SHORT: Problem = { code: 'bad-request', detail: 'The body could not be read to its end.' }

/** The JSON object in the body of a request, or why there is none. */
export async function jsonBody(request: HonoRequest): Promise<Input<object>> {
  if (!/^application\/json *(;|$)/i.test(request.header('content-type') ?? '')) {
    return { problem: NOT_JSON }
  }
  const bytes = await bodyBytes(request)
  if ('problem' in bytes) return bytes
  const value = parse(bytes.value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: MALFORMED }
  }
  return { value }
}

/** The JSON value in these bytes; undefined if they are none. */
function parse(bytes: Buffer): unknown {
  // A decoder would put a replacement in the place of what is not UTF-8.
  if (!isUtf8(bytes)) return undefined
  const text = bytes.toString()
  if (isTooDeep(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    // The parser's message quotes the body, which is not echoed.
    return undefined
  }
}

/** Parsers of other languages end on their stack, each at another depth: the contract names one. */
const LEVELS_MAX = 100

function isTooDeep(text: string): boolean {
  if (text.length <= 2 * LEVELS_MAX) return false // Each level is opened and closed.
  const brackets = text.replaceAll(/"(?:[^"\\]|\\.)*"|[^[\]{}"]/g, '')
  let levels = 0
  for (const bracket of brackets) {
    levels += bracket === '[' || bracket === '{' ? 1 : -1
    if (levels > LEVELS_MAX) return true
  }
  return false
}

async function bodyBytes(request: HonoRequest): Promise<Input<Buffer>> {
  const length = request.header('content-length')
  try {
    if (length === undefined) return await boundedBytes(request.raw.body)
    if (Number(length) > BODY_MAX_BYTES) return { problem: TOO_LARGE }
    // Node gives no more of a body than its Content-Length announced.
    return { value: Buffer.from(await request.arrayBuffer()) }
  } catch {
    return { problem: CUT_SHORT }
  }
}

/** Of a chunked body, which may be of any length, reads no more than is allowed. */
async function boundedBytes(body: ReadableStream<Uint8Array> | null): Promise<Input<Buffer>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > BODY_MAX_BYTES) return { problem: TOO_LARGE }
    chunks.push(chunk)
  }
  return { value: Buffer.concat(chunks) }
}
