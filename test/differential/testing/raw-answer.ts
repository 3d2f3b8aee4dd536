import { connect, type Socket } from 'node:net'

export type RawAnswer = Readonly<{
  status: number
  /** Names in lower case; of a header given twice the values joined. */
  headers: Readonly<Record<string, string>>
  body: string
}>

/** No answer: the other side waits for more of the request, or closed without a word. */
export type Silence = 'waits' | 'closed'

const HEAD_END = '\r\n\r\n'

/**
 * Sends bytes over a connection of their own and reads one answer, passing over interim ones.
 *
 * @param patience resolves when a service that has not answered is taken to wait for more
 */
export function exchangeRaw(
  at: Readonly<{ host: string; port: number }>,
  bytes: Buffer,
  method: string,
  patience: Promise<unknown>,
): Promise<RawAnswer | Silence> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0)
    let isSettled = false
    const socket: Socket = connect(at.port, at.host, () => socket.write(bytes))
    const settle = (answer: RawAnswer | Silence): void => {
      isSettled = true
      socket.destroy()
      resolve(answer)
    }
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      const answer = parseAnswer(received, method, false)
      if (answer && !isSettled) settle(answer)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (!isSettled) settle(parseAnswer(received, method, true) ?? 'closed')
    })
    void patience.then(() => isSettled || settle('waits'))
  })
}

/** The answer at the start of what was received; undefined while it is not whole. */
function parseAnswer(received: Buffer, method: string, isClosed: boolean): RawAnswer | undefined {
  const end = received.indexOf(HEAD_END)
  if (end < 0) return undefined
  const [statusLine = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1])
  const rest = received.subarray(end + HEAD_END.length)
  if (status < 200) return parseAnswer(rest, method, isClosed)
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [name = '', value = ''] = line.split(/:[ \t]*(.*)/s)
    const known = headers[name.toLowerCase()]
    headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`
  }
  const body = method === 'HEAD' ? '' : bodyOf(rest, headers, isClosed)
  return body === undefined ? undefined : { status, headers, body }
}

function bodyOf(
  rest: Buffer,
  headers: Readonly<Record<string, string>>,
  isClosed: boolean,
): string | undefined {
  if (headers['transfer-encoding'] === 'chunked') return unchunked(rest)
  const length = headers['content-length']
  if (length === undefined) return isClosed ? rest.toString() : undefined
  return rest.length < Number(length) ? undefined : rest.subarray(0, Number(length)).toString()
}

function unchunked(rest: Buffer): string | undefined {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16)
    const from = lineEnd + 2
    if (rest.length < from + size + 2) return undefined
    if (size === 0) return Buffer.concat(parts).toString()
    parts.push(rest.subarray(from, from + size))
    at = from + size + 2
  }
}
