import { Agent } from 'node:http'
import { send } from '../../service/testing/send.ts'

/** One way to one service: directly, or below a path of the front door. */
export type Way = Readonly<{
  name: string
  url: string
  /** What its database holds of orders and stock, as text. */
  effect(): Promise<string>
}>

/** A request that any HTTP client might send. */
export type ShopRequest = Readonly<{
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body?: string | Buffer
}>

/** What an answer means: services that keep one contract agree on this, whatever their frameworks are. */
export type Meaning = Readonly<{
  /** Of the status: 2, 4 or 5. */
  class: number
  /** Of a problem. */
  code?: unknown
  /** Of a success, without what differs from service to service. */
  body?: unknown
}>

/** The connections are kept, as the front door keeps them. */
const agent = new Agent({ keepAlive: true })

/** What each service answers to a request, by its name. */
export async function askAll(
  ways: readonly Way[],
  request: ShopRequest,
): Promise<Map<string, Meaning>> {
  const answers = ways.map(async ({ name, url }) => [name, await ask(url, request)] as const)
  return new Map(await Promise.all(answers))
}

async function ask(url: string, request: ShopRequest): Promise<Meaning> {
  const answer = await send(url, agent, request)
  return meaningOf(answer.status, answer.body)
}

function meaningOf(status: number, text: string): Meaning {
  const kind = Math.floor(status / 100)
  if (text === '') return { class: kind }
  let document: Record<string, unknown>
  try {
    document = JSON.parse(text) as Record<string, unknown>
  } catch {
    return { class: kind, body: `no JSON: ${text.slice(0, 200)}` }
  }
  if (status >= 400) return { class: kind, code: document['code'] }
  const { createdAt, token, ...body } = document
  return { class: kind, body: { ...body, createdAt: typeof createdAt, token: typeof token } }
}

/** Of an answer that is shown. */
const MOST_CHARACTERS = 1_000

/** Groups of services that answered alike, if there is more than one group; else undefined. */
export function difference(answers: ReadonlyMap<string, unknown>): string | undefined {
  const groups = new Map<string, string[]>()
  for (const [name, answer] of answers) {
    const key = JSON.stringify(answer, inOrder)
    groups.set(key, [...(groups.get(key) ?? []), name])
  }
  if (groups.size < 2) return undefined
  return [...groups]
    .map(([answer, names]) => `${names.join(', ')}:\n    ${answer.slice(0, MOST_CHARACTERS)}`)
    .join('\n  ')
}

/** The order of members means nothing. */
const inOrder = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value

/** Where the databases of the services differ in their orders; undefined where they do not. */
export async function differenceInEffect(ways: readonly Way[]): Promise<string | undefined> {
  const effects = ways.map(async ({ name, effect }) => [name, await effect()] as const)
  return difference(new Map(await Promise.all(effects)))
}

/** The request as a command to paste. */
export function reproduction({ method, path, headers, body }: ShopRequest): string {
  const given = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`)
  const data = body === undefined ? [] : [`--data-binary ${quoted(body)}`]
  const head = method === 'HEAD' ? '-I' : `-X ${method}`
  return ['curl -i --path-as-is', head, ...given, ...data, `URL${quoted(path)}`].join(' ')
}

/** As bash reads it back, to the byte. */
function quoted(text: string | Buffer): string {
  const bytes = Buffer.from(text).toString('latin1')
  const escaped = bytes.replaceAll(/[^\x20-\x5b\x5d-\x7e]|'/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return `$'${escaped}'`
}
