/** Requests to the Docker Engine API that the window must keep from it; `ID` stands for a container. */

/** https://docs.docker.com/reference/api/engine/version/v1.41/, method by method. */
const OTHER_WAYS = [
  'GET /version',
  'GET /info',
  'GET /_ping',
  'HEAD /_ping',
  'GET /events',
  'GET /system/df',
  'POST /auth',
  'POST /session',
  'POST /grpc',
  'GET /distribution/nginx/json',
  'GET /containers/ID/top',
  'GET /containers/ID/logs?stdout=1',
  'GET /containers/ID/changes',
  'GET /containers/ID/export',
  'GET /containers/ID/archive?path=/run/samehost/password',
  'HEAD /containers/ID/archive?path=/run/samehost/password',
  'PUT /containers/ID/archive?path=/',
  'GET /containers/ID/attach/ws?stream=1',
  'POST /containers/ID/attach?stream=1',
  'POST /containers/create',
  'POST /containers/create?name=mine',
  'POST /containers/ID/start',
  'POST /containers/ID/stop',
  'POST /containers/ID/restart',
  'POST /containers/ID/kill',
  'POST /containers/ID/update',
  'POST /containers/ID/rename?name=mine',
  'POST /containers/ID/pause',
  'POST /containers/ID/unpause',
  'POST /containers/ID/resize?h=1&w=1',
  'POST /containers/ID/wait',
  'POST /containers/prune',
  'DELETE /containers/ID?force=1',
  'POST /containers/ID/exec',
  'POST /exec/ID/start',
  'GET /exec/ID/json',
  'GET /images/json',
  'GET /images/nginx:1.27.0/json',
  'GET /images/nginx:1.27.0/get',
  'GET /images/nginx:1.27.0/history',
  'GET /images/search?term=a',
  'POST /images/create?fromImage=nginx',
  'POST /images/load',
  'POST /images/prune',
  'DELETE /images/nginx:1.27.0',
  'POST /build',
  'POST /build/prune',
  'POST /commit?container=ID',
  'GET /volumes',
  'GET /volumes/secrets',
  'POST /volumes/create',
  'DELETE /volumes/secrets',
  'GET /networks',
  'GET /networks/bridge',
  'POST /networks/create',
  'POST /networks/bridge/connect',
  'DELETE /networks/bridge',
  'GET /swarm',
  'POST /swarm/init',
  'GET /nodes',
  'GET /services',
  'GET /tasks',
  'GET /secrets',
  'POST /secrets/create',
  'GET /configs',
  'GET /plugins',
  'POST /plugins/pull?remote=a',
  'GET /',
  'GET /engine/version',
  'GET /engine/containers/json',
  'GET /metrics',
]

/** Every other verb on the ways that are open to GET. */
const OTHER_VERBS = ['HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'get']
const OPEN_WAYS = [
  '/containers/json?limit=1',
  '/containers/ID/json',
  '/containers/ID/stats?stream=false&one-shot=true',
]

/** Ways that decode, fold or shorten to an open one, or that ask more of it. */
const TRICKS = [
  '//containers/json?limit=1',
  '/containers//json?limit=1',
  '/./containers/json?limit=1',
  '/containers/./json?limit=1',
  '/x/../containers/json?limit=1',
  '/containers/../containers/json?limit=1',
  '/containers/../version',
  '/containers/json/../../version',
  '/containers/json/..%2f..%2fversion',
  '/containers/json%2f..%2f..%2fversion',
  '/containers/%2e%2e/version',
  '/containers/%2E%2E/containers/ID/logs?stdout=1',
  '/containers/json?limit=1/../../version',
  '/%63ontainers/json?limit=1',
  '/containers%2fjson?limit=1',
  '/containers/json%3flimit=1',
  '/containers/json%00?limit=1',
  '/containers/json\u0000?limit=1',
  '/containers/json%0d%0aGET%20/version?limit=1',
  '/containers/json;/../../version',
  '/containers/json;x?limit=1',
  '/;/containers/json?limit=1',
  '/CONTAINERS/JSON?limit=1',
  '/Containers/json?limit=1',
  '/containers/json/?limit=1',
  '/containers/json#x?limit=1',
  '/containers/json?limit=1#x',
  '/containers/json\\..\\version',
  '/containers/json?',
  '/containers/json',
  '/containers/json?all=1',
  '/containers/json?limit=1&size=1',
  '/containers/json?size=1&limit=1',
  '/containers/json?limit=1&limit=1',
  '/containers/json?limit=%31',
  '/containers/json?filters=%7B%7D&size=1',
  '/containers/json?filters=%7B%7D&all=1',
  '/containers/ID/json?size=1',
  '/containers/ID/stats',
  '/containers/ID/stats?stream=true',
  '/containers/ID/stats?stream=false&one-shot=true&stream=true',
  '/containers/ID/stats?one-shot=true&stream=false',
  '/containers/ID/../ID/json',
  '/containers/ID%2fjson',
  '/containers/samehost-db-1/json',
  '/v1.41/containers/json?limit=1',
  '/v1.24/containers/ID/json',
  '/engine/containers/json?limit=1',
  '/%65ngine/containers/json?limit=1',
  '/healthz/../containers/ID/logs',
  'http://docker/version',
  'http://docker/v1.41/containers/json?limit=1',
  'http://127.0.0.1/engine/containers/json',
  'https://docker/containers/ID/logs',
  'unix:/var/run/docker.sock:/version',
  '*',
  'docker:2375',
]

const host = 'Host: stats-window\r\n'
const closing = `${host}Connection: close\r\n`
const bodied = (line: string): string =>
  `${line} HTTP/1.1\r\n${closing}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`
const bare = (line: string): string => `${line} HTTP/1.1\r\n${closing}\r\n`

const inner = `GET /version HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`

/** Requests that would become another connection, or carry a second request within. */
const SMUGGLED: Readonly<Record<string, string>> = {
  'an upgrade to the engine’s stream':
    `POST /containers/ID/attach?stream=1&stdin=1 HTTP/1.1\r\n${host}` +
    'Connection: Upgrade, close\r\nUpgrade: tcp\r\n\r\n',
  'an upgrade to h2c':
    `GET /session HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings, close\r\n` +
    'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
  'an upgrade to a WebSocket':
    `GET /containers/ID/attach/ws HTTP/1.1\r\n${host}Connection: Upgrade, close\r\nUpgrade: websocket\r\n` +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'Content-Length beside Transfer-Encoding':
    `POST /containers/json?limit=1 HTTP/1.1\r\n${host}Content-Length: ${inner.length + 5}\r\n` +
    `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  'two lengths':
    `POST /containers/json?limit=1 HTTP/1.1\r\n${host}Content-Length: 0\r\n` +
    `Content-Length: ${inner.length}\r\n\r\n${inner}`,
  'an unknown Transfer-Encoding': `POST /containers/json?limit=1 HTTP/1.1\r\n${closing}Transfer-Encoding: xchunked\r\n\r\n${inner}`,
  'a negative length': `POST /containers/create HTTP/1.1\r\n${closing}Content-Length: -1\r\n\r\n{}`,
  'a name overridden':
    `GET /version HTTP/1.1\r\n${closing}X-HTTP-Method-Override: GET\r\n` +
    'X-Original-URL: /containers/json\r\nX-Rewrite-URL: /containers/json\r\n\r\n',
  'a folded line': `GET /version\r\n HTTP/1.1\r\n${closing}\r\n`,
  'a second request behind a refused one': `GET /info HTTP/1.1\r\n${host}\r\n${bare('GET /version')}`,
}

/** @returns name and raw bytes of each */
export function refusedRequests(id: string): readonly (readonly [name: string, bytes: string])[] {
  const verbs = OTHER_VERBS.flatMap((verb) => OPEN_WAYS.map((way) => `${verb} ${way}`))
  const tricks = TRICKS.map((way) => `GET ${way}`)
  const all = [
    ...[...OTHER_WAYS, ...verbs].map((line) => [line, bodied(line)] as const),
    ...tricks.map((line) => [line, bare(line)] as const),
    ...Object.entries(SMUGGLED),
  ]
  return all.map(([name, bytes]) => [name, bytes.replaceAll(/\bID\b/g, id)])
}
