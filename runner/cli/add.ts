import { readFileSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlias, isMap, isNode, isPair, isScalar, parse, parseAllDocuments } from 'yaml'
import { readArms } from '../plan/arms.ts'
import { composeServices } from '../plan/compose-files.ts'
import { UsageError } from './options.ts'

/**
 * `add NAME`: begins an arm of the user's own, as a folder under services/ and an entry of compose.yaml.
 *
 * @param root of the kit
 * @throws UsageError before anything is written
 */
export async function add(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  root: string,
): Promise<number> {
  const [name = '', ...more] = args
  if (env['SAMEHOST_TESTBED'] === 'compose') {
    throw new UsageError([
      'add writes to the checkout, which is read-only here: npm run bench -- add NAME',
    ])
  }
  if (more.length > 0 || !isName(name)) {
    throw new UsageError([
      `add ${args.join(' ')}: give one name of at most 40 of a-z, 0-9 and single -, a letter first, ` +
        'such as mine-pooled.',
    ])
  }
  const composeFile = join(root, 'compose.yaml')
  const composeYaml = await readFile(composeFile, 'utf8')
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const services = composeServices(composeYaml, read)
  if (services.has(name)) {
    throw new UsageError([`add ${name}: compose.yaml has a service of that name. Give another.`])
  }
  // ARMS with that name would mean the whole group, and would start the arm before it is filled in.
  if ([...services.values()].some(({ profiles = [] }) => profiles.includes(name))) {
    throw new UsageError([`add ${name}: a group of arms has that name. Give another.`])
  }
  const folder = join(root, 'services', name)
  if (await stat(folder).catch(() => null)) {
    throw new UsageError([`add ${name}: services/${name} is there. Give another name, or move it.`])
  }
  const added = withArm(composeYaml, name)
  await mkdir(folder)
  for (const [file, text] of Object.entries(armFiles(name))) {
    await writeFile(join(folder, file), text)
  }
  await writeFile(composeFile, added)
  process.stdout.write(nextSteps(name))
  return 0
}

/** Also the name of a Docker image, and text in every YAML: `on` and `no` are truth values in YAML 1.1. */
function isName(name: string): boolean {
  const isWritten = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 40
  return isWritten && typeof parse(name, { version: '1.1' }) === 'string'
}

const nextSteps = (name: string): string => `\
Added services/${name}/ and the arm ${name} of compose.yaml. Next:
  1. Fill in services/${name}/Dockerfile; services/${name}/README.md says what is wanted.
     In compose.yaml: the mode it promises; and a health check, if your image has no bash.
  2. ARMS=${name} docker compose build
  3. ARMS=${name} docker compose run --rm bench verify ${name}
  4. ARMS=pooled,${name} docker compose run --rm bench
`

/**
 * compose.yaml with one more arm, to be filled in: its entry before the front door's, its name in the
 * front door's list, and among those that the front door waits for. It is put into the text, so that every
 * comment and line stays as it is.
 *
 * @throws if the file has no front door with a list of arms, as the kit's has
 */
function withArm(composeYaml: string, name: string): string {
  const { entryAt, listEndsAt, awaitedEndsAt, awaitedAs } = places(composeYaml)
  const list = composeYaml.slice(0, listEndsAt).trimEnd()
  const [indent = ''] = /[ ]*(?=\S[^\n]*$)/.exec(list.slice(list.lastIndexOf('\n') + 1)) ?? []
  const added =
    composeYaml.slice(0, entryAt) +
    entry(name) +
    list.slice(entryAt) +
    `\n${indent}${name}` +
    composeYaml.slice(list.length, awaitedEndsAt) +
    `      ${name}: *${awaitedAs}\n` +
    composeYaml.slice(awaitedEndsAt)
  if (readArms(added).some((arm) => arm.name === name)) return added
  throw new Error(NO_PLACE)
}

const NO_PLACE =
  'compose.yaml has no service nginx with a block ARMS and a list of arms it depends on, where an arm ' +
  'could be put: restore it (git checkout compose.yaml), or add the arm by hand.'

type Places = { entryAt: number; listEndsAt: number; awaitedEndsAt: number; awaitedAs: string }

function places(composeYaml: string): Places {
  const [document] = parseAllDocuments(composeYaml, { merge: true })
  if (document === undefined) throw new Error(NO_PLACE)
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
  if (lastEndsAt === undefined || lastEndsAt < listEndsAt || !isAlias(last))
    throw new Error(NO_PLACE)
  return {
    entryAt: composeYaml.lastIndexOf('\n', keyAt) + 1,
    listEndsAt,
    awaitedEndsAt: composeYaml.indexOf('\n', lastEndsAt) + 1,
    awaitedAs: last.source,
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
    environment: { <<: *commerce-environment, ARM_NAME: ${name}, DB_MODE: pooled }
    # What it promises about its connections, and is held to: pooled, persistent or per-request.
    labels: { org.samehost.mode: pooled }
    # The health check is that of the other arms, which asks by bash. An image without bash needs another: a
    # program of it that exits 0 once GET /healthz is answered with 200, as go-pooled has one.

`

/** The files of a new arm's folder, by name, each to be filled in. */
const armFiles = (name: string): Readonly<Record<string, string>> => ({
  Dockerfile: dockerfile(name),
  'README.md': readme(name),
})

const dockerfile = (name: string): string => `\
# Context: the root of the kit, so that paths begin with services/${name}/.
# Fill in: a base image of a pinned version, and how the service is built.
FROM debian:trixie-slim
WORKDIR /kit/services/${name}
COPY services/${name}/ ./
# Not root; nothing can be written but /tmp.
USER 1000:1000
EXPOSE 8080
# Fill in: what serves. In this form, without a shell, SIGTERM reaches it.
CMD ["sh", "-c", "echo 'Fill in CMD in services/${name}/Dockerfile.' >&2; exit 1"]
`

const readme = (name: string): string => `\
# ${name}

Fill in: what it is made of, and which of its settings decide what is measured.

## What it must do

- Speak [the contract](../contract.yaml). The suite says what is missing, and how to fix it:
  \`ARMS=${name} docker compose run --rm bench verify ${name}\`
- Know who is signed in: by a token (JWT, HS256) in the header \`Authorization\`, checked by a library of your
  language. Without a good one both calls of orders are 401.
- Place an order in one transaction that locks its product's row: whatever is refused leaves nothing.
- Keep to the tables of [the schema](../../sql/schema.sql). They are dropped and recreated before every
  trial, and connections to them closed: an idle one that has died must not fail a request.
- Do what its mode says, the label \`org.samehost.mode\` in compose.yaml: \`pooled\` and \`persistent\` keep
  connections, \`per-request\` opens one for each request. The database counts them.
- Say on \`/healthz\` which settings it uses (\`settings\`, under the names of its variables): a level of a factor that
  it does not confirm is INVALID. Refuse a variable \`DB_…\` that it does not know.
- Let no more than ten requests use the database at once, as the other arms do.
- Bound every wait: for a connection (then 503), for a statement (then 504).
- Keep an idle HTTP connection for longer than 60 s: the front door, which reuses them, closes them then.
- On SIGTERM, answer what is in flight, then end, within 10 s.

It runs with 1 CPU and 512 MB, as a user that is not root, on a root file system that is read-only but for
\`/tmp\`. One process, or one thread, is enough for one CPU.

## What it is given

| variable             | value                                             |
| -------------------- | ------------------------------------------------- |
| \`HOST\`, \`PORT\`       | where to listen: \`0.0.0.0\`, \`8080\`                |
| \`DB_HOST\`            | \`db\`, at PostgreSQL's own port, 5432, without TLS |
| \`DB_USER\`, \`DB_NAME\` | \`commerce\`, \`commerce\`                            |
| \`DB_PASSWORD_FILE\`   | a file that holds the password, and nothing else  |
| \`TOKEN_SECRET_FILE\`  | the same of the secret that signs users’ tokens   |
| \`DB_MODE\`            | the mode, for a service that has more than one    |

Others are yours to add, in compose.yaml. [services/go](../go/README.md) is a service that was filled in.
`
