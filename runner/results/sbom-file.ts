import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Arm } from '../plan/arms.ts'
import { joinBoms, withoutDevelopment, type Bom } from './sbom.ts'
import { writeWhole } from './whole-file.ts'

const run = promisify(execFile)
/** ms. It takes about one and a half seconds for each lock file. */
const WITHIN_MS = 30_000

/**
 * Writes `sbom.json`: what the kit and the services under test are made of, from their lock files, in
 * CycloneDX. By npm's own `npm sbom`: it is kept where the lock files are made, it comes with Node and
 * so with the runner's image, and with `--package-lock-only` it needs neither a network nor what is
 * installed. Before the first trial, so that it costs no measurement anything. It never fails a run:
 * where npm is not to be had, `tell` says so.
 *
 * @param services folders of the services under test, within `root`, with a lock file each
 */
export async function writeSbom(
  folder: string,
  root: string,
  services: readonly string[],
  tell: (text: string) => void,
): Promise<void> {
  try {
    const kit = await readBom(root)
    const arms = await Promise.all(
      services.map(async (name) => ({ folder: name, bom: await readBom(join(root, name)) })),
    )
    await writeWhole(join(folder, 'sbom.json'), `${JSON.stringify(joinBoms(kit, arms), null, 1)}\n`)
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n')
    tell(`No sbom.json: ${reason} The run goes on without it.`)
  }
}

/** Folders of the services that the named arms are; an arm that is no Node service has none. */
export function armFolders(
  named: readonly Readonly<{ name: string }>[],
  known: readonly Arm[],
): string[] {
  const entries = known
    .filter((arm) => named.some(({ name }) => name === arm.name))
    .flatMap(({ entry }) => (entry === null ? [] : [dirname(entry)]))
  return [...new Set(entries)]
}

async function readBom(folder: string): Promise<Bom> {
  // The image's file system is read-only, and its user may have no home: npm gets a folder to write in.
  const cache = await mkdtemp(join(tmpdir(), 'samehost-npm-'))
  try {
    const options = ['--package-lock-only', '--sbom-format=cyclonedx', '--offline']
    const { stdout } = await run(
      'npm',
      ['sbom', ...options, `--cache=${cache}`, '--logs-max=0', '--no-update-notifier'],
      {
        cwd: folder,
        maxBuffer: 64e6,
        timeout: WITHIN_MS,
        env: { PATH: process.env['PATH'], HOME: cache },
      },
    )
    return withoutDevelopment(JSON.parse(stdout) as Bom)
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}
