import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { skipWithoutEngine } from './engine.ts'
import { BUILD, containerOf, docker, KIT } from './kit.ts'
import {
  IMPOSSIBLE_LIMITS,
  REFUSED_LIMITS,
  refusedRequests,
  restartRequest,
  updateRequest,
} from './testing/engine-requests.ts'
import { overhearSocket, type OverheardSocket } from './testing/overheard-socket.ts'
import { rawExchange, statuses } from './testing/raw-exchange.ts'

const PROJECT = `samehost-window-${process.pid}`
const CANARY = `canary-${process.pid}`
const ENGINE = process.env['DOCKER_SOCKET'] ?? '/var/run/docker.sock'
/** A container of another project, with a secret wherever a container may have one, and every label. */
const CANARY_RUN = [
  'run',
  '-d',
  `--name=${CANARY}`,
  '--network=none',
  `--env=SECRET=${CANARY}-env`,
  `--label=secret=${CANARY}-label`,
  '--label=org.samehost.mode=pooled',
  '--label=org.samehost.database=true',
  `--label=com.docker.compose.project=${PROJECT}-canary`,
  '--label=com.docker.compose.service=pooled',
  `--volume=${CANARY}-mount:/mnt`,
  '--entrypoint=sh',
  'nginx:1.27.0',
  '-c',
  'sleep infinity',
  `${CANARY}-argument`,
]
/** All that a refusal of the window may say: its own words, or those of nginx for what is no HTTP. */
const REFUSAL =
  '{"message":"This window shows the containers of its project, restarts arms and sets CPU limits."}\n'
const NGINX_PAGE = /^<html>\r\n<head><title>[45]\d\d [\w -]+<\/title><\/head>/

type Inspected = Readonly<{
  State: { StartedAt: string; Status: string }
  HostConfig: { CpuQuota: number; CpuPeriod: number; NanoCpus: number; Memory: number }
}>

/** The services of compose.yaml, with an ear on the socket: what the engine never heard it did not do. */
void suite('the window on the engine’s socket', { skip: await skipWithoutEngine() }, () => {
  let socket: OverheardSocket
  let folder = ''
  let canary = ''
  const compose = (...args: string[]) =>
    docker(['compose', ...args], {
      COMPOSE_PROJECT_NAME: PROJECT,
      COMPOSE_PROFILES: 'pooled',
      COMPOSE_FILE: `${KIT}compose.yaml:${join(folder, 'override.yaml')}`,
      DOCKER_SOCKET: socket.path,
      SAMEHOST_PORT: '0',
    })
  const ask = (bytes: string): Promise<string> =>
    rawExchange({ path: join(folder, 'window', 'engine.sock') }, bytes)
  const get = (path: string, headers = '') =>
    ask(`GET ${path} HTTP/1.1\r\nHost: window\r\n${headers}Connection: close\r\n\r\n`)
  const bodyOf = (answer: string): unknown => JSON.parse(answer.split('\r\n\r\n')[1] ?? '')
  const idOf = async (service: string): Promise<string> => {
    const id = await containerOf(PROJECT, service)
    assert.match(id, /^[0-9a-f]{64}$/, service)
    return id
  }
  const inspect = async (id: string): Promise<Inspected> => {
    const [found] = JSON.parse((await docker(['inspect', id])).stdout) as Inspected[]
    assert.ok(found !== undefined, id)
    return found
  }

  before(async () => {
    socket = await overhearSocket(ENGINE)
    folder = await mkdtemp(join(tmpdir(), 'window-'))
    // The window's volume, where this test can reach its socket as `bench` does.
    const device = join(folder, 'window')
    await docker([
      'run',
      '--rm',
      '-v',
      `${device}:/window`,
      'nginx:1.27.0',
      'chmod',
      '777',
      '/window',
    ])
    await chmod(folder, 0o755)
    const volume = { driver_opts: { type: 'none', o: 'bind', device } }
    await writeFile(join(folder, 'override.yaml'), JSON.stringify({ volumes: { window: volume } }))
    const run = await docker(CANARY_RUN)
    assert.equal(run.code, 0, run.stderr)
    canary = run.stdout.trim()
    const up = await compose('up', ...BUILD, '-d', '--wait', 'stats-window', 'pooled', 'nginx')
    assert.equal(up.code, 0, up.stderr)
    const created = await compose('up', ...BUILD, '--no-start', '--no-recreate', 'bench')
    assert.equal(created.code, 0, created.stderr)
    assert.match(await get('/healthz'), /\r\n\r\nok\n$/)
  })
  after(async () => {
    await compose('down', '-v')
    await docker(['rm', '-f', CANARY])
    await docker(['volume', 'rm', `${CANARY}-mount`])
    await socket.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('it is on no network: what has not the volume has no way to it', async () => {
    const inspected = await docker(['inspect', await idOf('stats-window')])
    const [found] = JSON.parse(inspected.stdout) as {
      HostConfig: { NetworkMode: string; PortBindings: object }
    }[]
    assert.equal(found?.HostConfig.NetworkMode, 'none')
    const config = JSON.parse((await compose('config', '--format', 'json')).stdout) as {
      services: Record<string, { volumes?: { source?: string }[] }>
    }
    const holders = Object.entries(config.services)
      .filter(([, { volumes = [] }]) => volumes.some(({ source }) => source === 'window'))
      .map(([name]) => name)
    assert.deepEqual(holders.toSorted(), ['bench', 'stats-window'])
  })

  test('every other verb, way and spelling is refused, and the engine never hears of it', async () => {
    for (const id of [canary, await idOf('pooled')]) {
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
    }
  })

  test('what is behind an allowed request in its body is never taken for a second one', async () => {
    const inner = 'POST /containers/create HTTP/1.1\r\nHost: docker\r\nContent-Length: 2\r\n\r\n{}'
    const chunk = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`
    const pooled = await idOf('pooled')
    const from = socket.heard().length
    for (const line of ['GET /containers/json', `POST /containers/${pooled}/restart`]) {
      const head = `${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`
      const withLength = await ask(`${head}Content-Length: ${inner.length}\r\n\r\n${inner}`)
      const chunked = await ask(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`)
      for (const answer of [withLength, chunked]) assert.deepEqual(statuses(answer), [200], answer)
    }
    const heard = socket.heard().slice(from)
    assert.doesNotMatch(heard, /create/)
    const lines = heard.match(/^\w+ \S+ HTTP\/1\.1\r$/gm) ?? []
    const posts = lines.filter((line) => line.startsWith('POST'))
    const restart = `POST /containers/${pooled}/restart?t=10 HTTP/1.1\r`
    assert.deepEqual(posts, [restart, restart])
  })

  test('a client’s headers do not reach the engine, nor turn the connection into a stream', async () => {
    const from = socket.heard().length
    const headers = 'X-Registry-Auth: e30=\r\nUpgrade: tcp\r\nX-HTTP-Method-Override: POST\r\n'
    const answer = await get(`/containers/${await idOf('pooled')}/json`, headers)
    assert.deepEqual(statuses(answer), [200])
    assert.doesNotMatch(socket.heard().slice(from), /Registry|Upgrade|Override/i)
  })

  test('an absolute URI is the way that it names: open ones only', async () => {
    const answer = await get('http://elsewhere/containers/json')
    assert.deepEqual(statuses(answer), [200], answer)
  })

  test('of another project nothing is shown, not even that it is there', async () => {
    const from = socket.heard().length
    const list = bodyOf(await get('/containers/json')) as { Id: string }[]
    assert.ok(list.some(({ Id }) => Id !== canary) && !list.some(({ Id }) => Id === canary))
    const asked = /containers\/json\?(\S*)/.exec(socket.heard().slice(from))?.[1] ?? ''
    const filters = new URLSearchParams(asked).get('filters') ?? ''
    assert.deepEqual(JSON.parse(filters), { label: [`com.docker.compose.project=${PROJECT}`] })

    const foreign = await docker(['image', 'inspect', '-f', '{{.Id}}', 'nginx:1.27.0'])
    const absent = '0'.repeat(64)
    const own = await idOf('pooled')
    for (const [there, nowhere] of [
      [`/containers/${canary}/json`, `/containers/${absent}/json`],
      [`/containers/${canary}/stats`, `/containers/${absent}/stats`],
      [`/containers/${own},${canary}/stats`, `/containers/${own},${absent}/stats`],
      [`/images/${foreign.stdout.trim()}/json`, `/images/sha256:${absent}/json`],
    ] as const) {
      const [answer, other] = [await get(there), await get(nowhere)]
      assert.deepEqual(statuses(answer), [404], answer)
      assert.deepEqual(bodyOf(answer), bodyOf(other))
    }
  })

  test('counters of several containers come in one answer, each by its id, and of nothing else', async () => {
    const ids = await Promise.all(['pooled', 'db', 'nginx', 'stats-window'].map(idOf))
    const answer = await get(`/containers/${ids.join(',')}/stats`)
    assert.deepEqual(statuses(answer), [200], answer)
    const found = bodyOf(answer) as Record<string, object>
    assert.deepEqual(Object.keys(found).toSorted(), ids.toSorted())
    for (const stats of Object.values(found)) {
      assert.deepEqual(Object.keys(stats).toSorted(), ['cpu_stats', 'memory_stats', 'networks'])
    }
  })

  test('of its own project no environment, arguments, mounts or other labels are shown', async () => {
    const list = await get('/containers/json')
    const containers = bodyOf(list) as { Id: string; ImageID: string; Labels: object }[]
    for (const { Id, ImageID, Labels } of containers) {
      const details = await get(`/containers/${Id}/json`)
      const answers = [list, details, await get(`/images/${ImageID}/json`)]
      for (const answer of answers) {
        assert.deepEqual(statuses(answer), [200], answer)
        assert.doesNotMatch(
          answer,
          /"(Env|Mounts|Args|Cmd|Binds|Entrypoint)"|working_dir|config_files|PASSWORD/,
        )
      }
      for (const name of Object.keys(Labels)) {
        assert.match(name, /^com\.docker\.compose\.(project|service|version)$|\.stand-in$/)
      }
      const { State, HostConfig } = bodyOf(details) as Inspected
      assert.match(State.StartedAt, /^\d{4}-\d\d-\d\dT/)
      const limits = ['CpuPeriod', 'CpuQuota', 'Memory', 'NanoCpus', 'PidsLimit']
      assert.deepEqual(Object.keys(HostConfig).toSorted(), limits)
    }
  })

  test('an arm is restarted, and nothing else', async () => {
    const pooled = await idOf('pooled')
    const first = (await inspect(pooled)).State
    assert.deepEqual(statuses(await ask(restartRequest(pooled))), [200])
    const second = (await inspect(pooled)).State
    assert.equal(second.Status, 'running')
    assert.ok(Date.parse(second.StartedAt) > Date.parse(first.StartedAt), second.StartedAt)

    const from = socket.heard().length
    const own = await Promise.all(['db', 'nginx', 'stats-window', 'password', 'bench'].map(idOf))
    for (const id of [...own, canary, '0'.repeat(64)]) {
      const answer = await ask(restartRequest(id))
      assert.deepEqual(statuses(answer), [403], answer)
    }
    assert.doesNotMatch(socket.heard().slice(from), /POST/)
  })

  test('CPU limits of an arm and of the database are set, in words of the window’s own', async () => {
    for (const service of ['pooled', 'db']) {
      const id = await idOf(service)
      const from = socket.heard().length
      const given = (await inspect(id)).HostConfig
      const body = '{"CpuPeriod":10000,"CpuQuota":2600}'
      assert.deepEqual(statuses(await ask(updateRequest(id, body))), [200])
      const heard = socket.heard().slice(from)
      const posted = heard.slice(heard.indexOf('POST'))
      assert.match(posted, new RegExp(`^POST /containers/${id}/update HTTP/1\\.1\r\n`))
      assert.ok(posted.endsWith(`\r\n\r\n${body}`), posted)
      const now = (await inspect(id)).HostConfig
      const { CpuPeriod, CpuQuota, NanoCpus, Memory } = now
      assert.deepEqual([CpuPeriod, CpuQuota, NanoCpus], [10_000, 2_600, 0])
      assert.equal(Memory, given.Memory)
    }
    const all = `{"CpuPeriod":100000,"CpuQuota":${cpus().length}00000}`
    assert.deepEqual(statuses(await ask(updateRequest(await idOf('pooled'), all))), [200])
  })

  test('no other field, number or spelling is a limit, and the engine is never asked for it', async () => {
    const pooled = await idOf('pooled')
    const from = socket.heard().length
    for (const [name, body] of Object.entries(REFUSED_LIMITS)) {
      const found = statuses(await ask(updateRequest(pooled, body)))
      assert.ok(
        found.length === 1 && [400, 403, 413].includes(found[0] ?? 0),
        `${name}: ${found.join()}`,
      )
    }
    for (const [name, body] of Object.entries(IMPOSSIBLE_LIMITS)) {
      const answer = await ask(updateRequest(pooled, body))
      assert.deepEqual(statuses(answer), [400], name)
      assert.match(answer, /CpuPeriod is 1000 to 100000 us, CpuQuota 1000 us to \d+ times that/)
    }
    const beyond = `{"CpuPeriod":10000,"CpuQuota":${cpus().length * 10_000 + 1}}`
    assert.deepEqual(statuses(await ask(updateRequest(pooled, beyond))), [400])
    assert.doesNotMatch(socket.heard().slice(from), /POST/)
  })

  test('no other container gets a limit', async () => {
    const from = socket.heard().length
    const own = await Promise.all(['nginx', 'stats-window', 'password', 'bench'].map(idOf))
    for (const id of [...own, canary, '0'.repeat(64)]) {
      const answer = await ask(updateRequest(id, '{"CpuPeriod":10000,"CpuQuota":5000}'))
      assert.deepEqual(statuses(answer), [403], answer)
    }
    assert.doesNotMatch(socket.heard().slice(from), /POST/)
  })
})
