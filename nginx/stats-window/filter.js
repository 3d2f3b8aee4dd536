/** What may be asked, to the letter; and what of the answer is passed on. */
const WAYS = [
  {
    path: /^\/containers\/json\?(?:limit=1|filters=[A-Za-z0-9%._-]+)$/,
    keep: (list) => list.map(summary),
  },
  { path: /^\/containers\/[0-9a-f]{12,64}\/json$/, keep: details },
  {
    path: /^\/images\/sha256:[0-9a-f]{64}\/json$/,
    keep: (image) => pick(image, ['Id', 'RepoDigests']),
  },
  {
    path: /^\/containers\/[0-9a-f]{12,64}\/stats\?stream=false&one-shot=true$/,
    keep: (stats) => pick(stats, ['cpu_stats', 'memory_stats', 'networks']),
  },
]

async function answer(r) {
  const asked = r.variables.request_uri
  const way = r.method === 'GET' ? WAYS.find((known) => known.path.test(asked)) : undefined
  if (way === undefined) {
    refuse(r)
    return
  }
  // njs knows no destructuring.
  const parts = asked.split('?')
  const reply = await r.subrequest(`/engine${parts[0]}`, { args: parts[1] || '' })
  r.headersOut['Content-Type'] = 'application/json'
  r.headersOut['X-Engine'] = reply.headersOut['Server'] || ''
  const found = reply.status === 200
  const text = found
    ? JSON.stringify(way.keep(JSON.parse(reply.responseText)))
    : '{"message":"not found"}\n'
  r.return(reply.status, text)
}

function refuse(r) {
  r.headersOut['Content-Type'] = 'application/json'
  r.return(403, '{"message":"This window shows containers and their stats, nothing else."}\n')
}

/** The other labels are other people's: Compose writes folders of the host into them. */
const LABELS = [
  'com.docker.compose.project',
  'com.docker.compose.service',
  'com.docker.compose.version',
  'org.samehost.stand-in',
]

function summary(container) {
  const kept = pick(container, ['Id', 'Image', 'ImageID', 'State'])
  kept.Labels = pick(container.Labels || {}, LABELS)
  return kept
}

/** Without Config.Env, Args, mounts and the rest: other containers' secrets are in there. */
function details(container) {
  return {
    Id: container.Id,
    Image: container.Image,
    RestartCount: container.RestartCount,
    State: pick(container.State, ['Status', 'OOMKilled', 'StartedAt', 'ExitCode']),
    HostConfig: pick(container.HostConfig, ['NanoCpus', 'CpuQuota', 'CpuPeriod', 'Memory']),
  }
}

function pick(object, names) {
  const picked = {}
  names.forEach((name) => {
    picked[name] = object[name]
  })
  return picked
}

export default { answer }
