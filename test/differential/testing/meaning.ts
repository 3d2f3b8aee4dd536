import type { RawAnswer, Silence } from './raw-answer.ts'

/** Headers that are the server's own business: how it names, dates and delimits its answers. */
const OF_THE_SERVER = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'server',
  'transfer-encoding',
])
/** Those whose value differs from process to process. */
const OF_THE_PROCESS = new Set(['x-samehost-arm', 'x-samehost-instance', 'x-samehost-prepare'])

type Document = Readonly<Record<string, unknown>>

/**
 * What an answer says to a client, without what may differ between services that keep one contract:
 * the words for a person, the moment an order was placed, names, versions and settings of the service.
 */
export function meaningOf(answer: RawAnswer | Silence, base = ''): unknown {
  if (typeof answer === 'string') return answer
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(answer.headers).toSorted(byName)) {
    if (OF_THE_SERVER.has(name)) continue
    headers[name] = OF_THE_PROCESS.has(name) ? '…' : value
  }
  if (headers['location']) headers['location'] = headers['location'].replace(base, '')
  return { status: answer.status, headers, body: meaningOfBody(answer) }
}

function meaningOfBody({ status, body }: RawAnswer): unknown {
  if (body === '') return ''
  let document: unknown
  try {
    document = JSON.parse(body)
  } catch {
    return { notJson: body.slice(0, 200) }
  }
  if (typeof document !== 'object' || document === null) return document
  return status >= 400 ? problem(document as Document) : success(document as Document)
}

function problem(document: Document): unknown {
  const { detail, errors, ...rest } = document
  const fields = Array.isArray(errors)
    ? errors.map((error: Document) => `${String(error['in'])} ${String(error['name'])}`).toSorted()
    : errors
  return { ...rest, detail: typeof detail, errors: fields }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/

function success(document: Document): unknown {
  const { createdAt, versions, mode, settings, given, ...rest } = document
  const own = { versions, mode, settings, given }
  const kinds = Object.entries(own).map(([name, value]) => [name, typeof value])
  return { ...rest, createdAt: moment(createdAt), ...Object.fromEntries(kinds) }
}

const byName = ([one]: [string, string], [other]: [string, string]): number =>
  one < other ? -1 : 1

const moment = (value: unknown): unknown =>
  typeof value === 'string' && RFC_3339.test(value) ? 'RFC 3339' : value
