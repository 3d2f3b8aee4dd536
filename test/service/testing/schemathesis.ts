import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { signedIn } from '../../fixtures/shop.ts'

const KIT = fileURLToPath(new URL('../../../', import.meta.url))
/** The program: on the PATH, or where this variable says. */
const PROGRAM = process.env['SCHEMATHESIS'] || 'schemathesis'

const run = promisify(execFile)

/**
 * Whether Schemathesis can run: false, or the line that says why not and how to have it. With
 * REQUIRE_SCHEMATHESIS=1 the tests are never skipped: without it they fail.
 */
export async function skipWithoutSchemathesis(): Promise<string | false> {
  if (process.env['REQUIRE_SCHEMATHESIS'] === '1') return false
  try {
    await run(PROGRAM, ['--version'])
    return false
  } catch {
    return 'no Schemathesis: python3 -m venv V && V/bin/pip install -r test/schemathesis/requirements.txt, and SCHEMATHESIS=V/bin/schemathesis'
  }
}

/**
 * Has Schemathesis send a service what it makes of the contract, as a user of the seed.
 *
 * @returns what it found, with the commands that show it; empty if nothing
 */
export async function schemathesis(url: string, seed: number, examples: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'samehost-schemathesis-'))
  const config = ['--config-file', join(KIT, 'test/schemathesis/schemathesis.toml')]
  const how = ['--seed', String(seed), '--max-examples', String(examples), '--no-color']
  const who = ['--header', `Authorization: ${signedIn().authorization}`]
  const contract = join(KIT, 'services/contract.yaml')
  try {
    // It keeps what it found in the folder where it runs.
    const hooks = join(KIT, 'test/schemathesis/hooks.py')
    const env = { ...process.env, SCHEMATHESIS_HOOKS: hooks }
    const options = { cwd: folder, env, maxBuffer: 64e6 }
    await run(PROGRAM, [...config, 'run', contract, '--url', url, ...how, ...who], options)
    return ''
  } catch (error) {
    const { stdout, stderr, code } = error as { stdout?: string; stderr?: string; code?: unknown }
    if (typeof code !== 'number') throw error
    return `${stdout ?? ''}${stderr ?? ''}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
