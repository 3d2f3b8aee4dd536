export type Answer = Readonly<{
  status: number
  headers: Headers
  // What a service answers is whatever it answers: tests compare it with what it must be.
  body: Record<string, unknown>
}>

/** Sends a request and reads the JSON of the answer. */
export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(15_000), ...init })
  const text = await response.text()
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  return { status: response.status, headers: response.headers, body }
}

export function order(
  url: string,
  body: Readonly<{ productId: number; quantity: number }>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return call(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

/** How many answers there were of each status. */
export function tally(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
