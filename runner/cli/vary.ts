import { readFileSync } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { isMap, isNode, isSeq, parseAllDocuments } from 'yaml'
import { readArms } from '../plan/arms.ts'
import { composeServices } from '../plan/compose-files.ts'
import { CPU_PERIOD_US } from '../plan/hosts.ts'
import { LIMIT_NAMES } from '../plan/levels.ts'
import { didYouMean } from './nearest.ts'
import { UsageError } from './options.ts'
import { type Assignment, parseAssignment, refuseEqual, refuseLevels } from './vary-levels.ts'

/**
 * `vary ARM NAME=a,b,c`: begins a group of arms that are ARM but for one variable or limit, a file under
 * compose/, and includes it in compose.yaml. A level that changes nothing, or that the service refuses, is
 * reported, and then nothing is written.
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
    const nearest = didYouMean(armName, names)
    throw new UsageError([
      `vary ${armName}: there is no such arm.${nearest} There is ${names.join(', ')}.`,
    ])
  }
  refuseEqual(arm, asked)
  const group = `vary-${arm.name}-${slug(asked.name)}`
  const file = `compose/${group}.yaml`
  if (await stat(join(root, file)).catch(() => null)) {
    throw new UsageError([
      `vary ${args.join(' ')}: ${file} is there. Edit it, or remove it and its line in compose.yaml.`,
    ])
  }
  const levels = levelsOf(group, asked)
  // Through a pooler the database sees kept connections, however the service connects.
  const isMode = asked.name === 'DB_MODE' && arm.through === undefined
  const services = composeServices(composeYaml, read)
  const taken = levels.find(({ name }) => services.has(name))
  if (taken) throw new UsageError([`vary: there is a service ${taken.name} already.`])
  if (!(asked.name in LIMIT_NAMES)) await refuseLevels(arm, asked.name, levels)

  const home = services.get(arm.name)?.file ?? 'compose.yaml'
  const included = withInclude(composeYaml, file)
  await writeFile(
    join(root, file),
    groupFile(arm.name, home, group, { factor: asked.name, levels, isMode }),
  )
  await writeFile(join(root, 'compose.yaml'), included)
  process.stdout.write(nextSteps(file, group, levels))
  return 0
}

/** An arm to be: its name, and the lines that make it differ. */
type NewArm = Readonly<{ name: string; value: string; lines: readonly string[] }>

function levelsOf(group: string, { name, values }: Assignment): NewArm[] {
  const names = values.map((value) => `${group}-${slug(value)}`)
  // A name is also that of a host, of at most 63 letters (RFC 1035): arms with longer names are numbered.
  const clear =
    new Set(names).size === names.length &&
    names.every((each) => each.length <= 63 && /[a-z0-9]$/.test(each))
  return values.map((value, at) => {
    const arm = clear ? (names[at] ?? '') : `${group.slice(0, 59)}-${at + 1}`
    const own = name in LIMIT_NAMES ? '' : `, ${name}: ${quoted(value)}`
    return {
      name: arm,
      value,
      lines: [`environment: { ARM_NAME: ${arm}${own} }`, ...limitLines(name, value)],
    }
  })
}

function limitLines(name: string, value: string): string[] {
  if (!(name in LIMIT_NAMES)) return []
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

function groupFile(
  arm: string,
  home: string,
  group: string,
  {
    factor,
    levels,
    isMode,
  }: Readonly<{ factor: string; levels: readonly NewArm[]; isMode: boolean }>,
): string {
  // Compose reads a file again for each arm that extends one of it: only the first does.
  const services = levels.map(
    ({ name, value, lines }, at) => `\
  ${name}:
    extends: { ${at === 0 ? `file: ${posix.relative('compose', home)}, service: ${arm}` : `service: ${levels[0]?.name}`} }
    profiles: !override [${name}, ${group}]
${lines.map((line) => `    ${line}\n`).join('')}\
    labels: { <<: *labels, org.samehost.level: ${quoted(value)}${isMode ? `, org.samehost.mode: ${value}` : ''} }
`,
  )
  return `\
# ${factor} of ${arm}, varied: \`ARMS=${group} docker compose up bench\`. Written by \`npm run bench -- vary\`.

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
