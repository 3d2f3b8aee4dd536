import type { HttpRequest } from './step.ts'

/** A request as it goes over the wire. */
export type RequestWriter = (request: HttpRequest) => string

/**
 * Writes requests to `url`, whose path goes before theirs and whose user and password, if it has
 * them, go with them (RFC 7617).
 *
 * @throws Error if the URL is not one of http or https
 */
export function requestWriter(url: string): RequestWriter {
  const { protocol, host, pathname, username, password } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new Error(`cannot drive ${url}: give an http or https URL`)
  }
  const basePath = pathname.replace(/\/+$/, '')
  const headers = [
    `Host: ${host}`,
    'Connection: keep-alive',
    'Accept: application/json',
    ...(username === '' ? [] : [`Authorization: Basic ${credentials(username, password)}`]),
  ].join('\r\n')

  return ({ method, path, body }) => {
    const head = `${method} ${basePath}${path} HTTP/1.1\r\n${headers}\r\n`
    if (body === undefined) return `${head}\r\n`
    const length = Buffer.byteLength(body)
    return `${head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`
  }
}

const credentials = (username: string, password: string): string =>
  Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
