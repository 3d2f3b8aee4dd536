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
  'POST /containers/ID/kill',
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

/** Every other verb on the ways that are open to GET, and on those that are open to POST. */
const OTHER_VERBS = ['HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT']
const READ_WAYS = ['/containers/json', '/containers/ID/json', '/containers/ID/stats']
const WRITE_WAYS = ['/containers/ID/restart', '/containers/ID/update']

/** Ways that decode, fold or shorten to an open one, or that ask more of it. */
const TRICKS = [
  '//containers/json',
  '/containers//json',
  '/./containers/json',
  '/containers/./json',
  '/x/../containers/json',
  '/containers/../containers/json',
  '/containers/../version',
  '/containers/json/../../version',
  '/containers/json/..%2f..%2fversion',
  '/containers/json%2f..%2f..%2fversion',
  '/containers/%2e%2e/version',
  '/containers/%2E%2E/containers/ID/logs?stdout=1',
  '/containers/json/../../version',
  '/%63ontainers/json',
  '/containers%2fjson',
  '/containers/json%3flimit=1',
  '/containers/json%00',
  '/containers/json\u0000',
  '/containers/json%0d%0aGET%20/version',
  '/containers/json;/../../version',
  '/containers/json;x',
  '/;/containers/json',
  '/CONTAINERS/JSON',
  '/Containers/json',
  '/containers/json/',
  '/containers/json#x',
  '/containers/json\\..\\version',
  '/containers/json?',
  '/containers/json?all=1',
  '/containers/json?limit=1',
  '/containers/json?size=1',
  '/containers/json&size=1',
  // Each would say whether somebody else has such a label, mount or name.
  '/containers/json?filters=%7B%7D',
  '/containers/json?filters=%7B%22label%22%3A%5B%22secret%22%5D%7D',
  '/containers/json?filters=%7B%22volume%22%3A%5B%22%2Fhome%22%5D%7D',
  '/containers/json?filters=%7B%22name%22%3A%5B%22a%22%5D%7D',
  '/containers/json?filters=%7B%22ancestor%22%3A%5B%22nginx%22%5D%7D',
  '/containers/json?filters=%7B%7D&size=1',
  '/containers/json?filters=%7B%7D&all=1',
  '/containers/ID/json?size=1',
  '/containers/ID/stats?stream=true',
  '/containers/ID/stats?stream=false&one-shot=true',
  '/containers/ID/stats?stream=false&one-shot=true&stream=true',
  '/containers/ID/stats?one-shot=true&stream=false',
  // Several at once there are of stats alone, and at most eight.
  '/containers/ID,ID/json',
  '/containers/ID,/stats',
  '/containers/,ID/stats',
  '/containers/ID,,ID/stats',
  '/containers/ID%2cID/stats',
  '/containers/ID, ID/stats',
  `/containers/${Array(9).fill('ID').join()}/stats`,
  '/containers/ID/../ID/json',
  '/containers/ID%2fjson',
  '/containers/samehost-db-1/json',
  '/v1.41/containers/json',
  '/v1.24/containers/ID/json',
  '/engine/containers/json',
  '/%65ngine/containers/json',
  '/healthz/../containers/ID/logs',
  'http://docker/version',
  'http://docker/v1.41/containers/json',
  'http://127.0.0.1/engine/containers/json',
  'https://docker/containers/ID/logs',
  'unix:/var/run/docker.sock:/version',
  '*',
  'docker:2375',
]

/** More, less or other than the two changes that are open. */
const CHANGES = [
  'POST /containers/ID/restart?t=0',
  'POST /containers/ID/restart?signal=SIGKILL',
  'POST /containers/ID/restart?',
  'POST /containers/ID/restart/',
  'POST /containers//ID/restart',
  'POST /containers/ID/./restart',
  'POST /containers/ID/../ID/restart',
  'POST /containers/ID%2frestart',
  'POST /containers/ID/%72estart',
  'POST /containers/ID/restart#x',
  'POST /containers/SHORT/restart',
  'POST /containers/UPPER/restart',
  'POST /containers/IDa/restart',
  'POST /containers/samehost-db-1/restart',
  'POST /v1.41/containers/ID/restart',
  'POST /restart/ID',
  'POST /restart/ID?t=10',
  'POST /update/ID',
  'POST /engine/containers/ID/restart',
  'POST /containers/ID/update?x=1',
  'POST /containers/SHORT/update',
  'POST /containers/ID/update/../kill',
  'POST /containers/ID/restart/../update',
]

/** A short id means the same container to the engine; in capitals it means none. */
const fill = (text: string, id: string): string =>
  text
    .replaceAll(/\bSHORT\b/g, id.slice(0, 12))
    .replaceAll(/\bUPPER\b/g, id.toUpperCase())
    .replaceAll(/\bID(?=a?\b)/g, id)

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
    `POST /containers/json HTTP/1.1\r\n${host}Content-Length: ${inner.length + 5}\r\n` +
    `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
  'two lengths':
    `POST /containers/json HTTP/1.1\r\n${host}Content-Length: 0\r\n` +
    `Content-Length: ${inner.length}\r\n\r\n${inner}`,
  'an unknown Transfer-Encoding': `POST /containers/json HTTP/1.1\r\n${closing}Transfer-Encoding: xchunked\r\n\r\n${inner}`,
  'a negative length': `POST /containers/create HTTP/1.1\r\n${closing}Content-Length: -1\r\n\r\n{}`,
  'a name overridden':
    `GET /version HTTP/1.1\r\n${closing}X-HTTP-Method-Override: GET\r\n` +
    'X-Original-URL: /containers/json\r\nX-Rewrite-URL: /containers/json\r\n\r\n',
  'a folded line': `GET /version\r\n HTTP/1.1\r\n${closing}\r\n`,
  'a second request behind a refused one': `GET /info HTTP/1.1\r\n${host}\r\n${bare('GET /version')}`,
}

/** @returns name and raw bytes of each */
export function refusedRequests(id: string): readonly (readonly [name: string, bytes: string])[] {
  const verbs = [
    ...OTHER_VERBS.flatMap((verb) => [...READ_WAYS, ...WRITE_WAYS].map((way) => `${verb} ${way}`)),
    ...READ_WAYS.map((way) => `POST ${way}`),
    ...WRITE_WAYS.map((way) => `GET ${way}`),
    ...['get', 'post'].map((verb) => `${verb} /containers/ID/restart`),
  ]
  const tricks = TRICKS.map((way) => `GET ${way}`)
  const all = [
    ...[...OTHER_WAYS, ...verbs, ...CHANGES].map((line) => [line, bodied(line)] as const),
    ...tricks.map((line) => [line, bare(line)] as const),
    ...Object.entries(SMUGGLED),
  ]
  return all.map(([name, bytes]) => [name, fill(bytes, id)])
}

/** What is no CPU limit, or more than one; each would be accepted by the engine, or by a lax reader of JSON. */
export const REFUSED_LIMITS: Readonly<Record<string, string>> = {
  nothing: '',
  'no fields': '{}',
  'a field alone': '{"CpuQuota":5000}',
  'the fields in another order': '{"CpuQuota":5000,"CpuPeriod":10000}',
  'memory too': '{"CpuPeriod":10000,"CpuQuota":5000,"Memory":1073741824}',
  'memory before': '{"Memory":1073741824,"CpuPeriod":10000,"CpuQuota":5000}',
  'a restart policy': '{"CpuPeriod":10000,"CpuQuota":5000,"RestartPolicy":{"Name":"always"}}',
  'other cores': '{"CpuPeriod":10000,"CpuQuota":5000,"CpusetCpus":"0"}',
  'another way to say it': '{"NanoCpus":500000000}',
  'a field twice': '{"CpuPeriod":10000,"CpuQuota":5000,"CpuQuota":-1}',
  'another case': '{"cpuperiod":10000,"cpuquota":5000}',
  'a text': '{"CpuPeriod":"10000","CpuQuota":"5000"}',
  'no limit': '{"CpuPeriod":10000,"CpuQuota":-1}',
  'none of it': '{"CpuPeriod":10000,"CpuQuota":0}',
  'a quota of 0.999 ms': '{"CpuPeriod":10000,"CpuQuota":999}',
  'a period of 0.999 ms': '{"CpuPeriod":999,"CpuQuota":1000}',
  'a fraction': '{"CpuPeriod":10000,"CpuQuota":5000.5}',
  'an exponent': '{"CpuPeriod":1e4,"CpuQuota":5e3}',
  'a leading zero': '{"CpuPeriod":010000,"CpuQuota":05000}',
  'twenty digits': '{"CpuPeriod":10000,"CpuQuota":18446744073709551615}',
  'a space': '{"CpuPeriod": 10000,"CpuQuota":5000}',
  'a line after it': '{"CpuPeriod":10000,"CpuQuota":5000}\n',
  'two texts': '{"CpuPeriod":10000,"CpuQuota":5000}{"Memory":1}',
  'a list': '[{"CpuPeriod":10000,"CpuQuota":5000}]',
  'an escape': '{"CpuPeri\\u006fd":10000,"CpuQuota":5000}',
  'a NUL': '{"CpuPeriod":10000,"CpuQuota":5000}\u0000',
  'more than a kilobyte': `{"CpuPeriod":10000,"CpuQuota":5000}${' '.repeat(2_000)}`,
}

/** Of the right form, and beyond what there is: refused, and never asked of the engine. */
export const IMPOSSIBLE_LIMITS: Readonly<Record<string, string>> = {
  'a period of over 100 ms': '{"CpuPeriod":100001,"CpuQuota":5000}',
  'more cores than there are': '{"CpuPeriod":1000,"CpuQuota":999999999}',
}

export const restartRequest = (id: string): string =>
  `POST /containers/${id}/restart HTTP/1.1\r\n${closing}Content-Length: 0\r\n\r\n`

export const updateRequest = (id: string, body: string): string =>
  `POST /containers/${id}/update HTTP/1.1\r\n${closing}Content-Length: ${body.length}\r\n\r\n${body}`
