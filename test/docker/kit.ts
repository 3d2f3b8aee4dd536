import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const KIT = fileURLToPath(new URL('../../', import.meta.url))

export type Outcome = Readonly<{ code: number; stdout: string; stderr: string }>

const execute = promisify(execFile)

type Env = Readonly<Record<string, string>>

/**
 * Runs `docker` in the kit's folder, as a user would; never throws for its exit code. What `docker compose` reads
 * is read once for each set of options and variables (`readOnce`).
 */
export async function docker(args: readonly string[], env: Env = {}): Promise<Outcome> {
  return run(args[0] === 'compose' ? await readOnce(args, env) : args, env)
}

async function run(args: readonly string[], env: Env): Promise<Outcome> {
  try {
    const options = { cwd: KIT, env: { ...process.env, ...env }, maxBuffer: 64e6 }
    const { stdout, stderr } = await execute('docker', [...args], options)
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<Outcome>
    if (typeof code !== 'number') throw error
    return { code, stdout, stderr }
  }
}

/** Options of `docker compose` itself that have a value and come before its command. */
const GLOBAL = new Set(['-f', '--project-directory', '--profile'])
/** By options and variables: the file of the project that Compose makes of them. */
const read = new Map<string, Promise<string | null>>()

/**
 * The same command on the project as Compose has read it before: it takes five seconds of CPU time to read the
 * hundred services of the kit, and a suite asks it twenty times. What cannot be read is left to Compose to say.
 */
async function readOnce(args: readonly string[], env: Env): Promise<readonly string[]> {
  let at = 1
  while (GLOBAL.has(args[at] ?? '')) at += 2
  if (args[at] === 'config' || args[at] === 'build') return args
  const options = args.slice(1, at)
  const key = JSON.stringify([options, env])
  const known = read.get(key) ?? readProject(options, env)
  read.set(key, known)
  const file = await known
  if (file === null) return args
  const named = options.indexOf('--project-directory')
  const root = named < 0 ? KIT : (options[named + 1] ?? KIT)
  const profiles = options.flatMap((option, place) =>
    option === '--profile' ? [option, options[place + 1] ?? ''] : [],
  )
  return ['compose', '-f', file, '--project-directory', root, ...profiles, ...args.slice(at)]
}

async function readProject(options: readonly string[], env: Env): Promise<string | null> {
  // With every service, and its profiles: which of them a command is about is Compose's business.
  const all = ['compose', ...options, '--profile', '*', 'config', '--format', 'json']
  const { code, stdout } = await run(all, env)
  if (code !== 0) return null
  const file = join(projects(), `${read.size}.json`)
  writeFileSync(file, stdout)
  return file
}

let folder: string | undefined
function projects(): string {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(tmpdir(), 'samehost-projects-'))
  process.once('exit', () => rmSync(made, { recursive: true }))
  return (folder = made)
}

/** For `docker compose up` and `run`: builds the images, unless images.ts has built them for all suites. */
export const BUILD: readonly string[] =
  process.env['SAMEHOST_IMAGES_BUILT'] === '1' ? [] : ['--build']

/** Builds the images of these services, unless images.ts has built them for all suites. */
export async function build(...services: readonly string[]): Promise<void> {
  if (BUILD.length === 0) return
  const { code, stderr } = await docker(['compose', '--profile', '*', 'build', ...services])
  assert.equal(code, 0, stderr.slice(-3_000))
}

/** The image of the reference service, built. */
export async function commerceImage(): Promise<string> {
  await build('pooled')
  return `samehost-commerce:${process.env['SAMEHOST_TAG'] ?? 'local'}`
}

/**
 * Id of the container of a service, running or not; empty without one. By its labels: `docker compose ps` reads
 * all files of the kit first, which takes seconds where the cores are busy.
 */
export async function containerOf(project: string, service: string): Promise<string> {
  const labels = [`project=${project}`, `service=${service}`, 'oneoff=False']
  const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`])
  return (await docker(['ps', '-aq', '--no-trunc', ...filters])).stdout.trim()
}

/** `docker VERB` of the containers of these services, such as `stop` or `start`. @throws if it fails */
export async function tell(project: string, verb: string, ...services: string[]): Promise<void> {
  const ids = await Promise.all(services.map((service) => containerOf(project, service)))
  const { code, stderr } = await docker([verb, ...ids])
  assert.equal(code, 0, `${verb} ${services.join(' ')}: ${stderr}`)
}
