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
  const text = await bodyText(request)
  if ('problem' in text) return text
  try {
    const value: unknown = JSON.parse(text.value)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value }
  } catch {
    // The parser's message quotes the body, which is not echoed.
  }
  return { problem: MALFORMED }
}

async function bodyText(request: HonoRequest): Promise<Input<string>> {
  const length = request.header('content-length')
  try {
    if (length === undefined) return await boundedText(request.raw.body)
    if (Number(length) > BODY_MAX_BYTES) return { problem: TOO_LARGE }
    // Node gives no more of a body than its Content-Length announced.
    return { value: await request.text() }
  } catch {
    return { problem: CUT_SHORT }
  }
}

/** Of a chunked body, which may be of any length, reads no more than is allowed. */
async function boundedText(body: ReadableStream<Uint8Array> | null): Promise<Input<string>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > BODY_MAX_BYTES) return { problem: TOO_LARGE }
    chunks.push(chunk)
  }
  return { value: Buffer.concat(chunks).toString() }
}
