import { setTimeout as delay } from 'node:timers/promises'
import { meaningOf } from './meaning.ts'
import { exchangeRaw } from './raw-answer.ts'
import { bytesOf, type RawRequest } from './raw-request.ts'

/** One way to one service: directly, or below a path of the front door. */
export type Way = Readonly<{ name: string; host: string; port: number; base: string }>

export function wayTo(name: string, url: string): Way {
  const { hostname, port, pathname } = new URL(url)
  return { name, host: hostname, port: Number(port), base: pathname.replace(/\/$/, '') }
}

/** ms. An answer comes within a few; where none comes from anywhere, all wait for more. */
const ALL_WAIT_AFTER_MS = 1_500
/** ms. Once one has answered the others must: far more than a slow machine takes. */
const OTHERS_WITHIN_MS = 20_000

/** The same of a request to which each of them owes an answer: nothing that comes late is taken for none. */
export const askForAnswers = (ways: readonly Way[], request: RawRequest) =>
  askAll(ways, request, OTHERS_WITHIN_MS)

/**
 * Sends one request to each service, and gives what each answers by the service's name.
 *
 * @param allWaitAfterMs without an answer from anywhere until then, all are said to wait
 */
export async function askAll(
  ways: readonly Way[],
  request: RawRequest,
  allWaitAfterMs = ALL_WAIT_AFTER_MS,
): Promise<Map<string, unknown>> {
  const { promise: anyAnswered, resolve } = Promise.withResolvers<void>()
  let isAnswered = false
  void anyAnswered.then(() => (isAnswered = true))
  const stop = new AbortController()
  const pause = (ms: number): Promise<unknown> =>
    delay(ms, undefined, { signal: stop.signal, ref: false }).catch(() => undefined)
  const patience = pause(allWaitAfterMs).then(() =>
    isAnswered ? pause(OTHERS_WITHIN_MS) : undefined,
  )
  const answers = await Promise.all(
    ways.map(async (way) => {
      const bytes = bytesOf(request, way.base)
      const answer = await exchangeRaw(way, bytes, request.method, patience)
      if (answer !== 'waits') resolve()
      return [way.name, meaningOf(answer, way.base)] as const
    }),
  )
  stop.abort()
  return new Map(answers)
}

/** Groups of services that answered alike, if there is more than one group; else undefined. */
export function difference(answers: ReadonlyMap<string, unknown>): string | undefined {
  const groups = new Map<string, string[]>()
  for (const [name, answer] of answers) {
    const key = JSON.stringify(answer)
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  if (groups.size < 2) return undefined
  return [...groups].map(([answer, names]) => `${names.join(', ')}:\n    ${answer}`).join('\n  ')
}

/** The request as a command to paste: what goes over the wire, to the letter. */
export function reproduction(request: RawRequest): string {
  const text = bytesOf(request)
    .toString('latin1')
    .replaceAll(/[^\x21-\x5b\x5d-\x7e ]|['%]/g, (character) => {
      return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
    })
  const shown =
    text.length > 3_000
      ? `${text.slice(0, 3_000)}… (${text.length} characters; the seed has them all)`
      : text
  return `printf '${shown.replaceAll('\\x5c', '\\\\')}' | nc HOST PORT`
}
