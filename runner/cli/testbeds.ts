import { readFile } from 'node:fs/promises'
import { readArms } from '../plan/arms.ts'
import { openCompose, readComposeSettings } from '../testbed/compose/compose.ts'
import { openEmbedded } from '../testbed/embedded/embedded.ts'
import { openRemote } from '../testbed/remote/remote.ts'
import { KIT } from '../testbed/service-sql.ts'
import type { Testbed } from '../testbed/testbed.ts'
import type { RunOptions } from './run-options.ts'

/**
 * The testbed that fits: `remote` where targets are named, `compose` inside the container of
 * compose.yaml, else `embedded`.
 */
export async function openTestbed(
  options: Pick<RunOptions, 'targets' | 'databaseUrl'>,
  env: NodeJS.ProcessEnv,
  warn: (warning: string) => void,
): Promise<Testbed> {
  if (options.targets.length > 0) return await openRemote(options.targets, options.databaseUrl)
  const arms = readArms(await readFile(`${KIT}compose.yaml`, 'utf8'))
  if (env['SAMEHOST_TESTBED'] === 'compose') {
    return await openCompose(readComposeSettings(env), arms, warn)
  }
  return await openEmbedded(arms)
}
