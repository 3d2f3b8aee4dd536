import { isMap, isNode, isPair, isScalar, parseDocument } from 'yaml'
import { readArms } from '../plan/arms.ts'

/**
 * compose.yaml with one more arm, to be filled in: its entry before the front door's, its name in the
 * front door's list, and among those that the front door waits for. It is put into the text, so that every
 * comment and line stays as it is.
 *
 * @throws if the file has no front door with a list of arms, as the kit's has
 */
export function withArm(composeYaml: string, name: string): string {
  const { entryAt, listEndsAt, awaitedEndsAt } = places(composeYaml)
  const list = composeYaml.slice(0, listEndsAt).trimEnd()
  const [indent = ''] = /[ ]*(?=\S[^\n]*$)/.exec(list.slice(list.lastIndexOf('\n') + 1)) ?? []
  const added =
    composeYaml.slice(0, entryAt) +
    entry(name) +
    list.slice(entryAt) +
    `\n${indent}${name}` +
    composeYaml.slice(list.length, awaitedEndsAt) +
    `      ${name}: *awaited\n` +
    composeYaml.slice(awaitedEndsAt)
  if (readArms(added).some((arm) => arm.name === name)) return added
  throw new Error(NO_PLACE)
}

const NO_PLACE =
  'compose.yaml has no service nginx with a block ARMS and a list of arms it depends on, where an arm ' +
  'could be put: restore it (git checkout compose.yaml), or add the arm by hand.'

type Places = { entryAt: number; listEndsAt: number; awaitedEndsAt: number }

function places(composeYaml: string): Places {
  const document = parseDocument(composeYaml, { merge: true })
  const services = document.get('services')
  const nginx = isMap(services)
    ? services.items.find(({ key }) => isScalar(key) && key.value === 'nginx')
    : undefined
  const arms = document.getIn(['services', 'nginx', 'environment', 'ARMS'], true)
  if (!isPair(nginx) || !isScalar(nginx.key) || !isScalar(arms)) throw new Error(NO_PLACE)
  const [keyAt] = nginx.key.range ?? []
  const [, listEndsAt] = arms.range ?? []
  if (arms.type !== 'BLOCK_FOLDED' || keyAt === undefined || listEndsAt === undefined) {
    throw new Error(NO_PLACE)
  }
  const awaited = document.getIn(['services', 'nginx', 'depends_on'])
  const last = isMap(awaited) ? awaited.items.at(-1)?.value : undefined
  const [, lastEndsAt] = (isNode(last) && last.range) || []
  if (lastEndsAt === undefined || lastEndsAt < listEndsAt) throw new Error(NO_PLACE)
  return {
    entryAt: composeYaml.lastIndexOf('\n', keyAt) + 1,
    listEndsAt,
    awaitedEndsAt: composeYaml.indexOf('\n', lastEndsAt) + 1,
  }
}

const entry = (name: string): string => `\
  # Fill in: services/${name}/README.md says what is wanted.
  ${name}:
    <<: *commerce
    image: samehost-${name}:\${SAMEHOST_TAG:-local}
    build:
      context: .
      dockerfile: services/${name}/Dockerfile
    # The words it is asked for by: ARMS=${name}
    profiles: [${name}]
    environment: { <<: *commerce-environment, DB_MODE: pooled }
    # What it promises about its connections, and is held to: pooled, persistent or per-request.
    labels: { org.samehost.mode: pooled }
    healthcheck:
      # A program of your image that exits 0 once GET /healthz is answered with 200.
      test: [CMD, wget, -q, -O, /dev/null, 'http://127.0.0.1:8080/healthz']
      interval: 1h
      timeout: 5s
      start_period: 60s
      start_interval: 500ms

`
