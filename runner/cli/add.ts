import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { withArm } from '../add/compose-entry.ts'
import { armFiles } from '../add/files.ts'
import { UsageError } from './usage.ts'

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
  const { services } = parse(composeYaml, { merge: true }) as { services: object }
  if (name in services) {
    throw new UsageError([`add ${name}: compose.yaml has a service of that name. Give another.`])
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

/** Also of a Docker image, and text in every YAML: `on` and `no` are truth values in its older version. */
function isName(name: string): boolean {
  const isWritten = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 40
  return isWritten && typeof parse(name, { version: '1.1' }) === 'string'
}

const nextSteps = (name: string): string => `\
Added services/${name}/ and the arm ${name} of compose.yaml. Next:
  1. Fill in services/${name}/Dockerfile; services/${name}/README.md says what is wanted.
     In compose.yaml: the mode it promises, and a health check of your image.
  2. ARMS=${name} docker compose build
  3. ARMS=${name} docker compose run --rm bench verify ${name}
  4. ARMS=pooled,${name} docker compose run --rm bench
`
