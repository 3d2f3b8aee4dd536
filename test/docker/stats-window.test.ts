import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { skipWithoutEngine } from './engine.ts'
import { docker } from './kit.ts'
import { refusedRequests } from './testing/engine-requests.ts'
import { overhearSocket, type OverheardSocket } from './testing/overheard-socket.ts'
import { rawExchange, statuses } from './testing/raw-exchange.ts'

const PROJECT = `samehost-window-${process.pid}`
const CANARY = `canary-${process.pid}`
const ENGINE = process.env['DOCKER_SOCKET'] ?? '/var/run/docker.sock'
/** A container of somebody else, with a secret wherever a container may have one. */
const CANARY_RUN = [
  'run',
  '-d',
  `--name=${CANARY}`,
  '--network=none',
  `--env=SECRET=${CANARY}-env`,
  `--label=secret=${CANARY}-label`,
  '--label=org.samehost.stand-in=true',
  `--label=com.docker.compose.project=${PROJECT}-canary`,
  `--volume=${CANARY}-mount:/mnt`,
  '--entrypoint=sh',
  'nginx:1.27.0',
  '-c',
  'sleep infinity',
  `${CANARY}-argument`,
]
/** All that a refusal of the window may say: its own words, or those of nginx for what is no HTTP. */
const REFUSAL = '{"message":"This window shows containers and their stats, nothing else."}\n'
const NGINX_PAGE = /^<html>\r\n<head><title>[45]\d\d [\w -]+<\/title><\/head>/

/** The service of compose.yaml, with an ear on the socket: what the engine never heard it did not do. */
void suite('the window on the engine’s socket', { skip: await skipWithoutEngine() }, () => {
  let socket: OverheardSocket
  let address = ''
  let id = ''
  const compose = (...args: string[]) =>
    docker(['compose', ...args], { COMPOSE_PROJECT_NAME: PROJECT, DOCKER_SOCKET: socket.path })
  const ask = (bytes: string): Promise<string> => rawExchange(address, 8080, bytes)
  const get = (path: string, headers = '') =>
    ask(`GET ${path} HTTP/1.1\r\nHost: window\r\n${headers}Connection: close\r\n\r\n`)

  before(async () => {
    socket = await overhearSocket(ENGINE)
    const canary = await docker(CANARY_RUN)
    assert.equal(canary.code, 0, canary.stderr)
    id = canary.stdout.trim()
    const up = await compose('up', '-d', '--wait', 'stats-window')
    assert.equal(up.code, 0, up.stderr)
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    const name = `${PROJECT}-stats-window-1`
    address = (await docker(['inspect', '--format', format, name])).stdout.trim()
    assert.match(await get('/healthz'), /\r\n\r\nok\n$/)
  })
  after(async () => {
    await compose('down', '-v')
    await docker(['rm', '-f', CANARY])
    await docker(['volume', 'rm', `${CANARY}-mount`])
    await socket.close()
  })

  test('every other verb, way and spelling is refused, and the engine never hears of it', async () => {
    const heardBefore = socket.heard()
    for (const [name, bytes] of refusedRequests(id)) {
      const answer = await ask(bytes)
      assert.equal(socket.heard(), heardBefore, `${name} reached the engine`)
      const found = statuses(answer)
      // A request line of HTTP/0.9 is answered without a status line.
      if (answer === REFUSAL) continue
      assert.ok(found.length > 0, `${name}: no answer: ${JSON.stringify(answer)}`)
      // Of nginx itself: 400 what is no HTTP, 404 its internal location, 405 TRACE and CONNECT, 501 and
      // 505 what it does not speak.
      const known = found.every((status) => [400, 403, 404, 405, 501, 505].includes(status))
      assert.ok(known, `${name}: ${answer}`)
      const [, ...bodies] = answer.split('\r\n\r\n')
      for (const body of bodies) {
        const text = body.replace(/HTTP\/1\.1 \d{3} [^]*$/, '')
        const own = text === '' || text === REFUSAL || NGINX_PAGE.test(text)
        assert.ok(own, `${name}: a body that is not the window’s own: ${answer}`)
      }
    }
  })

  test('what is behind an allowed request in its body is never taken for a second one', async () => {
    const from = socket.heard().length
    const inner = 'POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}'
    const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`
    const withLength = await ask(
      `GET /containers/json?limit=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
        `Content-Length: ${inner.length}\r\n\r\n${inner}`,
    )
    const chunked = await ask(
      `GET /containers/json?limit=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
        `Transfer-Encoding: chunked\r\n\r\n${chunk}`,
    )
    for (const answer of [withLength, chunked]) assert.deepEqual(statuses(answer), [200], answer)
    const heard = socket.heard().slice(from)
    assert.doesNotMatch(heard, /POST|create/)
    assert.equal(heard.match(/HTTP\/1\.1\r\n/g)?.length, 2, heard)
  })

  test('a client’s headers do not reach the engine, nor turn the connection into a stream', async () => {
    const from = socket.heard().length
    const headers = 'X-Registry-Auth: e30=\r\nUpgrade: tcp\r\nX-HTTP-Method-Override: POST\r\n'
    const answer = await get(`/containers/${id}/json`, headers)
    assert.deepEqual(statuses(answer), [200])
    assert.doesNotMatch(socket.heard().slice(from), /Registry|Upgrade|Override/i)
  })

  test('an absolute URI is the way that it names: open ones only', async () => {
    const answer = await get('http://elsewhere/containers/json?limit=1')
    assert.deepEqual(statuses(answer), [200], answer)
  })

  test('no answer tells another container’s environment, arguments, mounts or foreign labels', async () => {
    const filters = JSON.stringify({ label: [`com.docker.compose.project=${PROJECT}-canary`] })
    const list = await get(`/containers/json?filters=${encodeURIComponent(filters)}`)
    assert.ok(list.includes(id), list)
    const [, image = ''] = /"Id":"\w+","Image":"[^"]+","ImageID":"([^"]+)"/.exec(list) ?? []
    const answers = [
      list,
      await get('/containers/json?limit=1'),
      await get(`/containers/${id}/json`),
      await get(`/containers/${id}/stats?stream=false&one-shot=true`),
      await get(`/images/${image}/json`),
    ]
    for (const answer of answers) {
      assert.deepEqual(statuses(answer), [200], answer)
      for (const secret of ['env', 'label', 'mount', 'argument']) {
        assert.ok(!answer.includes(`${CANARY}-${secret}`), `${secret}: ${answer}`)
      }
      assert.doesNotMatch(
        answer,
        /"(Env|Mounts|Args|Cmd|Binds|Entrypoint)"|working_dir|config_files/,
      )
    }
    assert.match(list, /"org\.samehost\.stand-in":"true"/, 'what the runner reads is there')
  })

  test('an error of the engine comes through without its words', async () => {
    const answer = await get(`/containers/${'0'.repeat(64)}/json`)
    assert.deepEqual(statuses(answer), [404])
    assert.match(answer, /\{"message":"not found"\}\n$/)
  })
})
