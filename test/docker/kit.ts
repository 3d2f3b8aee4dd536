import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const KIT = fileURLToPath(new URL('../../', import.meta.url))

export type Outcome = Readonly<{ code: number; stdout: string; stderr: string }>

const run = promisify(execFile)

/** Runs `docker` in the kit's folder, as a user would; never throws for its exit code. */
export async function docker(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  try {
    const options = { cwd: KIT, env: { ...process.env, ...env }, maxBuffer: 64e6 }
    const { stdout, stderr } = await run('docker', [...args], options)
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<Outcome>
    if (typeof code !== 'number') throw error
    return { code, stdout, stderr }
  }
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
