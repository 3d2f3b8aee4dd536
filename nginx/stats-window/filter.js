/**
 * What may be asked of the engine, to the letter, and only of containers of this Compose project. No byte of
 * a request is passed on: paths, queries and bodies are written here, from what was matched.
 *
 * njs knows no destructuring, and no `await` within an argument.
 */
const PROJECT = process.env.SAMEHOST_PROJECT || ''

const WAYS = [
  { method: 'GET', path: /^\/containers\/json$/, answer: list },
  { method: 'GET', path: /^\/containers\/([0-9a-f]{64})\/json$/, answer: details },
  {
    method: 'GET',
    path: /^\/containers\/([0-9a-f]{64}(?:,[0-9a-f]{64}){0,7})\/stats$/,
    answer: stats,
  },
  { method: 'GET', path: /^\/images\/(sha256:[0-9a-f]{64})\/json$/, answer: image },
  { method: 'POST', path: /^\/containers\/([0-9a-f]{64})\/restart$/, answer: restart },
  { method: 'POST', path: /^\/containers\/([0-9a-f]{64})\/update$/, answer: update },
]

const REFUSED =
  'This window shows the containers of its project, restarts arms and sets CPU limits.'

async function answer(r) {
  // What was sent, before any decoding.
  const asked = r.variables.request_uri
  const way = WAYS.find((known) => known.method === r.method && whole(known.path, asked) !== null)
  if (PROJECT === '' || way === undefined) {
    end(r, 403, REFUSED)
    return
  }
  await way.answer(r, whole(way.path, asked)[1])
}

async function list(r) {
  const reply = await ownContainers(r)
  pass(r, reply, (found) => found.map(summary))
}

async function details(r, id) {
  const reply = await read(r, `/containers/${id}/json`)
  if (reply.status === 200 && !isOwn(JSON.parse(reply.responseText))) end(r, 404, 'not found')
  else pass(r, reply, shownDetails)
}

/** Of several containers at once, by their ids: the runner asks each second, and each question costs it CPU. */
async function stats(r, named) {
  const ids = named.split(',')
  const kinds = await Promise.all(ids.map((id) => kindOf(r, id)))
  if (kinds.includes('')) {
    end(r, 404, 'not found')
    return
  }
  // one-shot: without it the engine takes two readings a second apart (API 1.41).
  const args = 'stream=false&one-shot=true'
  const replies = await Promise.all(ids.map((id) => read(r, `/containers/${id}/stats`, args)))
  const found = {}
  replies.forEach((reply, at) => {
    if (reply.status === 200) found[ids[at]] = shownStats(JSON.parse(reply.responseText))
  })
  r.headersOut['X-Engine'] = replies[0].headersOut['Server'] || ''
  send(r, 200, JSON.stringify(found))
}

/** Of an image that a container of the project was made from. */
async function image(r, id) {
  const containers = await ownContainers(r)
  const known = containers.status === 200 ? JSON.parse(containers.responseText) : []
  if (!known.some((container) => container.ImageID === id)) {
    end(r, 404, 'not found')
    return
  }
  const reply = await read(r, `/images/${id}/json`)
  pass(r, reply, (found) => pick(found, ['Id', 'RepoDigests']))
}

async function restart(r, id) {
  const kind = await kindOf(r, id)
  if (kind !== 'arm') {
    end(r, 403, REFUSED)
    return
  }
  const reply = await r.subrequest(`/restart/${id}`, { method: 'POST', args: 't=10' })
  done(r, reply)
}

/** To the letter too, so that no two readers of JSON can take it for different things. */
const LIMITS = /^\{"CpuPeriod":([1-9]\d{3,5}),"CpuQuota":([1-9]\d{3,8})\}$/
const LEAST_US = 1000
const LONGEST_PERIOD_US = 100000

async function update(r, id) {
  const kind = await kindOf(r, id)
  const written = whole(LIMITS, r.requestText || '')
  if ((kind !== 'arm' && kind !== 'database') || written === null) {
    end(r, 403, REFUSED)
    return
  }
  const periodUs = Number(written[1])
  const quotaUs = Number(written[2])
  const info = await read(r, '/info')
  const cores = info.status === 200 ? JSON.parse(info.responseText).NCPU : 0
  const possible =
    periodUs >= LEAST_US &&
    periodUs <= LONGEST_PERIOD_US &&
    quotaUs >= LEAST_US &&
    quotaUs <= cores * periodUs
  if (!possible) {
    end(r, 400, `CpuPeriod is 1000 to 100000 us, CpuQuota 1000 us to ${cores} times that.`)
    return
  }
  const body = `{"CpuPeriod":${periodUs},"CpuQuota":${quotaUs}}`
  const reply = await r.subrequest(`/update/${id}`, { method: 'POST', body })
  done(r, reply)
}

/** As `exec`; but to PCRE, which njs has, `$` is also before a last line feed. */
function whole(pattern, text) {
  const match = pattern.exec(text)
  return match !== null && match[0] === text ? match : null
}

/**
 * What a container is here: `arm`, `database`, `part`; '' if it is not of this project, or is not there.
 * Labels never change, and an id is never given again: what was found is kept, so that the readings of each
 * second do not ask twice.
 */
async function kindOf(r, id) {
  const kept = ngx.shared.kinds.get(id)
  if (kept !== undefined) return kept
  const reply = await read(r, `/containers/${id}/json`)
  if (reply.status !== 200) return ''
  const container = JSON.parse(reply.responseText)
  if (!isOwn(container)) return ''
  const labels = container.Config.Labels
  let kind = 'part'
  if (labels['org.samehost.database'] === 'true') kind = 'database'
  if (labels['org.samehost.mode'] !== undefined) kind = 'arm'
  ngx.shared.kinds.set(id, kind)
  return kind
}

const PROJECT_LABEL = 'com.docker.compose.project'

function isOwn(container) {
  return ((container.Config && container.Config.Labels) || {})[PROJECT_LABEL] === PROJECT
}

/** Those that ended too: why one did is what the runner wants to say. */
function ownContainers(r) {
  const filters = JSON.stringify({ label: [`${PROJECT_LABEL}=${PROJECT}`] })
  return read(r, '/containers/json', `all=1&filters=${encodeURIComponent(filters)}`)
}

function read(r, path, args) {
  return r.subrequest(`/engine${path}`, { method: 'GET', args: args || '' })
}

/** @param keep what of the engine's answer is shown */
function pass(r, reply, keep) {
  r.headersOut['X-Engine'] = reply.headersOut['Server'] || ''
  if (reply.status !== 200) end(r, reply.status, 'not found')
  else send(r, 200, JSON.stringify(keep(JSON.parse(reply.responseText))))
}

/** The engine's words of what it could not do may name what is not shown here. */
function done(r, reply) {
  if (reply.status < 300) send(r, 200, '{}')
  else end(r, reply.status, 'the engine did not do it')
}

function end(r, status, message) {
  send(r, status, `${JSON.stringify({ message })}\n`)
}

function send(r, status, text) {
  r.headersOut['Content-Type'] = 'application/json'
  r.return(status, text)
}

/** The other labels are other people's: Compose writes folders of the host into them. */
const LABELS = [
  PROJECT_LABEL,
  'com.docker.compose.service',
  'com.docker.compose.version',
  'org.samehost.stand-in',
]

function summary(container) {
  const kept = pick(container, ['Id', 'Image', 'ImageID', 'State'])
  kept.Labels = pick(container.Labels || {}, LABELS)
  return kept
}

/** Without Config.Env, Args, mounts and the rest: secrets are in there. */
function shownDetails(container) {
  return {
    Id: container.Id,
    Image: container.Image,
    RestartCount: container.RestartCount,
    State: pick(container.State, ['Status', 'OOMKilled', 'StartedAt', 'ExitCode']),
    HostConfig: pick(container.HostConfig, [
      'NanoCpus',
      'CpuQuota',
      'CpuPeriod',
      'Memory',
      'PidsLimit',
    ]),
  }
}

/** What the runner reads each second, and no more: to write and to parse the rest costs CPU. */
function shownStats(found) {
  const networks = {}
  Object.keys(found.networks || {}).forEach((name) => {
    networks[name] = pick(found.networks[name], ['rx_bytes', 'tx_bytes'])
  })
  const memory = pick(found.memory_stats, ['usage', 'limit'])
  memory.stats = pick(found.memory_stats.stats || {}, ['inactive_file', 'total_inactive_file'])
  return {
    cpu_stats: {
      cpu_usage: pick(found.cpu_stats.cpu_usage, ['total_usage']),
      throttling_data: pick(found.cpu_stats.throttling_data, ['periods', 'throttled_periods']),
    },
    memory_stats: memory,
    networks,
  }
}

function pick(object, names) {
  const picked = {}
  names.forEach((name) => {
    picked[name] = object[name]
  })
  return picked
}

export default { answer, shownDetails, shownStats }
