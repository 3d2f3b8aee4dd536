import crypto from 'crypto'
import fs from 'fs'
import shown from '/stats-window/filter.js'

/**
 * What may be read of this host, to the letter: the containers that were named when this was started
 * (WINDOW_CONTAINERS), or those of one stack (WINDOW_STACK), by the names of their services. Nothing can be
 * changed through it. No byte of a request is passed on: paths and queries are written here.
 *
 * In a stack it also says how fast its host is and how far the window of another host is: it computes something
 * that is fixed, or asks the other one for its health.
 *
 * njs knows no destructuring, and a constant must stand before the functions that read it.
 */
const NAMES = (process.env.WINDOW_CONTAINERS || '').split(' ').filter((name) => name !== '')
const STACK = process.env.WINDOW_STACK || ''
const STACK_LABEL = 'com.docker.stack.namespace'
const SERVICE_LABEL = 'com.docker.swarm.service.name'
const WINDOW = /^\/to\/((?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4})$/
const TURNS = 50
const PIECE = 'x'.repeat(16 * 1024)
const LOOKS = 9
const LOOK_MS = 20
const NAME = /^\/containers\/([a-zA-Z0-9][a-zA-Z0-9_.-]{0,127})$/

async function answer(r) {
  // What was sent, before any decoding.
  const asked = r.variables.request_uri
  const named = NAME.exec(asked)
  const far = STACK === '' ? null : WINDOW.exec(asked)
  if (r.method !== 'GET') refuse(r, 403)
  else if (asked === '/host') host(r)
  else if (asked === '/work' && STACK !== '') work(r)
  else if (far !== null) await distance(r, far[1])
  else if (asked === '/containers') await list(r)
  else if (named !== null) await one(r, named[1])
  else refuse(r, 403)
}

function refuse(r, status) {
  const message =
    'This window shows its host and the containers that it was started for, nothing else.'
  send(r, status, JSON.stringify({ message }))
}

/** Every container sees these files of its host. */
function host(r) {
  const cpuinfo = file('/proc/cpuinfo')
  const model = /^model name\s*:\s*(.+)$/m.exec(cpuinfo)
  const memory = /^MemTotal:\s*(\d+) kB$/m.exec(file('/proc/meminfo'))
  const facts = {
    cpuModel: model === null ? null : model[1],
    cores: (cpuinfo.match(/^processor\s*:/gm) || []).length,
    memoryMb: memory === null ? null : Math.round((Number(memory[1]) * 1024) / 1e6),
    kernel: file('/proc/sys/kernel/osrelease').trim(),
    isVirtual: / hypervisor( |$)/m.test(cpuinfo),
    nowMs: Date.now(),
    stat: file('/proc/stat').split('\n')[0],
  }
  send(r, 200, JSON.stringify(facts))
}

/**
 * How long one fixed piece of arithmetic takes here, by how many fit into a look. The most of some looks: in
 * the others the window had to wait for a processor, or for its quota. The clock has whole milliseconds, so a
 * look begins on a change of it.
 */
function work(r) {
  let most = 1
  for (let look = 0; look < LOOKS; look += 1) {
    const before = Date.now()
    let from = before
    while (from === before) from = Date.now()
    let pieces = 0
    for (; Date.now() < from + LOOK_MS; pieces += 1)
      crypto.createHash('sha256').update(PIECE).digest()
    most = Math.max(most, pieces)
  }
  send(r, 200, JSON.stringify({ workUs: (LOOK_MS * 1000) / most }))
}

/**
 * Asks the window of another host for its health, and itself as often: what the first takes longer is the way.
 * A request takes a connection first, so it is two round trips.
 */
async function distance(r, address) {
  const own = await healthMs('127.0.0.1')
  const other = await healthMs(address)
  const trips = 2 * TURNS
  send(r, 200, JSON.stringify({ roundTripMs: Math.max(0, (other - own) / trips) }))
}

async function healthMs(address) {
  const from = Date.now()
  for (let turn = 0; turn < TURNS; turn += 1) {
    const reply = await ngx.fetch(`http://${address}:9323/healthz`)
    await reply.text()
  }
  return Date.now() - from
}

function file(path) {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch (_) {
    return ''
  }
}

async function list(r) {
  const found = await shownContainers(r)
  send(r, 200, JSON.stringify(found.map(summary)))
}

/** Details and counters in one answer: they belong to one moment. */
async function one(r, name) {
  const all = await shownContainers(r)
  const found = all.find((container) => nameOf(container) === name)
  if (found === undefined) {
    refuse(r, 404)
    return
  }
  const path = `/engine/containers/${found.Id}`
  const details = await r.subrequest(`${path}/json`)
  // one-shot: without it the engine takes two readings a second apart (API 1.41).
  const stats = await r.subrequest(`${path}/stats`, { args: 'stream=false&one-shot=true' })
  const image = await r.subrequest(`/engine/images/${found.ImageID}/json`)
  if (details.status !== 200) {
    refuse(r, 404)
    return
  }
  const reading = shown.shownDetails(JSON.parse(details.responseText))
  const counted = stats.status === 200 ? JSON.parse(stats.responseText) : {}
  // Of a container that has ended the engine gives counters without a content.
  reading.stats = counted.memory_stats === undefined ? null : shown.shownStats(counted)
  reading.digests = (image.status === 200 && JSON.parse(image.responseText).RepoDigests) || []
  r.headersOut['X-Engine'] = details.headersOut['Server'] || ''
  send(r, 200, JSON.stringify(reading))
}

/** Those that run before those that ended, so that the first of a name is the one that matters. */
async function shownContainers(r) {
  const filters =
    STACK === ''
      ? { name: NAMES.map((name) => `^/${name}$`) }
      : { label: [`${STACK_LABEL}=${STACK}`] }
  if (STACK === '' && NAMES.length === 0) return []
  const args = `all=1&filters=${encodeURIComponent(JSON.stringify(filters))}`
  const reply = await r.subrequest('/engine/containers/json', { args })
  const all = reply.status === 200 ? JSON.parse(reply.responseText) : []
  // The engine takes a name for a pattern.
  const own = all.filter((container) => STACK !== '' || NAMES.includes(nameOf(container)))
  const runs = (container) => container.State === 'running'
  return own.filter(runs).concat(own.filter((container) => !runs(container)))
}

function nameOf(container) {
  if (STACK === '') return container.Names[0].slice(1)
  return (container.Labels[SERVICE_LABEL] || '').slice(STACK.length + 1)
}

function summary(container) {
  return {
    name: nameOf(container),
    Id: container.Id,
    Image: container.Image,
    ImageID: container.ImageID,
    State: container.State,
    standIn: (container.Labels || {})['org.samehost.stand-in'] === 'true',
  }
}

function send(r, status, text) {
  r.headersOut['Content-Type'] = 'application/json'
  r.return(status, text)
}

export default { answer }
