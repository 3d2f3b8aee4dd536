import type { OpenLedger } from './ledger.ts'

/** Longer than every time-out of the service and the front door that one request can meet in a row. */
const PATIENCE_MS = 10_000

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
