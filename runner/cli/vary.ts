import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isMap, isNode, isSeq, parseAllDocuments } from 'yaml'
import { type Arm, readArms } from '../plan/arms.ts'
import { composeServices } from '../plan/compose-files.ts'
import { CPU_PERIOD_US } from '../plan/hosts.ts'
import { UsageError } from './options.ts'

/**
 * `vary ARM NAME=a,b,c`: begins a group of arms that are ARM but for one variable or limit, a file under
 * compose/, and includes it in compose.yaml. A level that the service refuses is reported, and then nothing
 * is written.
 *
 * @param root of the kit
 * @throws UsageError before anything is written
 */
export async function vary(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  root: string,
): Promise<number> {
  if (env['SAMEHOST_TESTBED'] === 'compose') {
    throw new UsageError([
      'vary writes to the checkout, which is read-only here: npm run bench -- vary ARM NAME=a,b',
    ])
  }
  const [armName = '', assignment = '', ...more] = args
  const asked = more.length > 0 ? null : parseAssignment(assignment)
  if (asked === null) {
    throw new UsageError([
      `vary ${args.join(' ')}: give an arm and a variable with two values or more, such as ` +
        'vary pooled DB_POOL_MAX=2,5,10; or a limit: vary pooled cpus=0.5,1.',
    ])
  }
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  const composeYaml = await readFile(join(root, 'compose.yaml'), 'utf8')
  const arms = readArms(composeYaml, read)
  const arm = arms.find(({ name }) => name === armName)
  if (arm === undefined) {
    const names = arms.flatMap(({ name, factor }) => (factor === undefined ? [name] : []))
    throw new UsageError([`vary ${armName}: there is no such arm. There is ${names.join(', ')}.`])
  }
  const group = `vary-${arm.name}-${slug(asked.name)}`
  const file = `compose/${group}.yaml`
  if (await stat(join(root, file)).catch(() => null)) {
    throw new UsageError([
      `vary ${args.join(' ')}: ${file} is there. Edit it, or remove it and its line in compose.yaml.`,
    ])
  }
  const levels = levelsOf(group, asked)
  const services = composeServices(composeYaml, read)
  const taken = levels.find(({ name }) => services.has(name))
  if (taken) throw new UsageError([`vary: there is a service ${taken.name} already.`])
  await refuseLevels(arm, levels, root)

  const home = services.get(arm.name)?.file ?? 'compose.yaml'
  const included = withInclude(composeYaml, file)
  await writeFile(join(root, file), groupFile(arm.name, home, group, asked.name, levels))
  await writeFile(join(root, 'compose.yaml'), included)
  process.stdout.write(nextSteps(file, group, levels))
  return 0
}

type Assignment = Readonly<{ name: string; values: readonly string[] }>

/** Compose's own words for what a container may use, with the form of their values. */
const LIMITS: Readonly<Record<string, RegExp>> = {
  cpus: /^\d+(\.\d+)?$/,
  mem_limit: /^\d+(\.\d+)?[kmg]b?$/i,
  pids_limit: /^\d+$/,
}

/** @returns null unless it is a name and two different values or more */
function parseAssignment(text: string): Assignment | null {
  const [, name = '', list = ''] = /^([A-Za-z_][A-Za-z0-9_]*)=(.+)$/.exec(text) ?? []
  const values = list.split(',').map((value) => value.trim())
  if (values.length < 2 || values.includes('') || new Set(values).size < values.length) return null
  const limit = LIMITS[name]
  if (/^[a-z_]+$/.test(name) && limit === undefined) {
    throw new UsageError([
      `vary: ${name} is no limit that can be varied. There is ${Object.keys(LIMITS).join(', ')}; ` +
        'a variable of the service is in capitals.',
    ])
  }
  const wrong = values.find(
    (value) => limit?.test(value) === false || (limit && parseFloat(value) === 0),
  )
  if (wrong !== undefined)
    throw new UsageError([`vary: ${name}=${wrong} is no ${name} of a container.`])
  return { name, values }
}

/** An arm to be: its name, and the lines that make it differ. */
type NewArm = Readonly<{ name: string; value: string; lines: readonly string[] }>

function levelsOf(group: string, { name, values }: Assignment): NewArm[] {
  const names = values.map((value) => `${group}-${slug(value)}`)
  // A name is one of a host too, of at most 63 letters (RFC 1035); else they are numbered.
  const clear =
    new Set(names).size === names.length &&
    names.every((each) => each.length <= 63 && /[a-z0-9]$/.test(each))
  return values.map((value, at) => {
    const arm = clear ? (names[at] ?? '') : `${group.slice(0, 59)}-${at + 1}`
    const own = name in LIMITS ? '' : `, ${name}: ${quoted(value)}`
    return {
      name: arm,
      value,
      lines: [`environment: { ARM_NAME: ${arm}${own} }`, ...limitLines(name, value)],
    }
  })
}

function limitLines(name: string, value: string): string[] {
  if (!(name in LIMITS)) return []
  if (name === 'mem_limit') return [`mem_limit: ${value}`, `memswap_limit: ${value}`]
  if (name !== 'cpus') return [`${name}: ${value}`]
  const quota = Math.round(Number(value) * CPU_PERIOD_US)
  return ['cpus: 0', `cpu_period: ${CPU_PERIOD_US}`, `cpu_quota: ${quota}`]
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** A YAML string in which Compose replaces nothing. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''").replaceAll('$', '$$$$')}'`

/** ms. A service that refuses a variable ends sooner, as it does before it listens. */
const REFUSES_WITHIN_MS = 3_000

/**
 * Starts the service itself with each level, where it can be started here, without a database: one that
 * refuses a variable ends at once and says why.
 */
async function refuseLevels(arm: Arm, levels: readonly NewArm[], root: string): Promise<void> {
  const { entry } = arm
  if (entry === null) return
  const faults = await Promise.all(
    levels.map(async ({ name, lines }): Promise<string[]> => {
      const [environment = ''] = lines
      const given = readArms(
        `services: { it: { labels: { org.samehost.mode: pooled }, ${environment} } }`,
      )[0]?.environment
      const own = Object.entries(given ?? {}).map(([key, value]) => [
        key,
        value.replaceAll('$$', '$'),
      ])
      const child = spawn(process.execPath, [join(root, entry)], {
        env: {
          ...arm.environment,
          ...(Object.fromEntries(own) as Record<string, string>),
          DB_PASSWORD_FILE: '',
          HOST: '127.0.0.1',
          PORT: '0',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
      const listening = once(child.stdout, 'data').then(() => null)
      const ended = once(child, 'exit').then(([code]) => code as number | null)
      const code = await Promise.race([listening, ended, delay(REFUSES_WITHIN_MS, null)])
      child.kill('SIGKILL')
      return code === 2 ? [`vary: ${name} would not start: ${said.trim()}`] : []
    }),
  )
  if (faults.flat().length > 0) throw new UsageError(faults.flat())
}

function groupFile(
  arm: string,
  home: string,
  group: string,
  factor: string,
  levels: readonly NewArm[],
): string {
  const services = levels.map(
    ({ name, value, lines }) => `\
  ${name}:
    <<: *arm
    profiles: !override [${name}, ${group}]
${lines.map((line) => `    ${line}\n`).join('')}\
    labels: { <<: *labels, org.samehost.level: ${quoted(value)} }
`,
  )
  return `\
# ${factor} of ${arm}, varied: \`ARMS=${group} docker compose up bench\`. Written by \`npm run bench -- vary\`.

x-arm: &arm
  extends: { file: ${posix.relative('compose', home)}, service: ${arm} }
x-labels: &labels
  org.samehost.factor: ${factor}
  org.samehost.from: ${arm}

services:
${services.join('')}
  # What every group adds to the front door: the names of its arms, and to start those that are asked for.
  nginx:
    environment:
      ARMS_${group.toUpperCase().replaceAll('-', '_')}: >-
        ${levels.map(({ name }) => name).join('\n        ')}
    depends_on:
${levels
  .map(({ name }, at) =>
    at === 0
      ? `      ${name}: &optional { condition: service_started, required: false }\n`
      : `      ${name}: *optional\n`,
  )
  .join('')}`
}

const NO_PLACE =
  'compose.yaml has no list of included files where one could be put: restore it (git checkout ' +
  'compose.yaml), or include the file by hand.'

/** compose.yaml with one more file in its list of those that are merged together; all else stays. */
function withInclude(composeYaml: string, file: string): string {
  for (const document of parseAllDocuments(composeYaml)) {
    const include = document.get('include')
    const first = isSeq(include) ? include.items[0] : undefined
    const paths = isMap(first) ? first.get('path') : undefined
    const last = isSeq(paths) ? paths.items.at(-1) : undefined
    const [, endsAt] = (isNode(last) && last.range) || []
    if (endsAt === undefined) continue
    return `${composeYaml.slice(0, endsAt)}\n      - ${file}${composeYaml.slice(endsAt)}`
  }
  throw new Error(NO_PLACE)
}

const nextSteps = (file: string, group: string, levels: readonly NewArm[]): string => `\
Added ${file} with ${levels.map(({ value }) => value).join(', ')}, and included it in compose.yaml. Next:
  ARMS=${group} docker compose up --build bench
  ARMS=${group} docker compose run --rm bench --trials 5     for narrower intervals
  ARMS=${levels[0]?.name},${levels[1]?.name} docker compose up --build bench     to cut the group
To be rid of it: remove the file and its line in compose.yaml.
`
