import { readFile } from 'node:fs/promises'
import type { Environment } from '../measurement/environment.ts'
import { readArms, type Arm } from '../plan/arms.ts'
import { openCompose, readComposeSettings } from '../testbed/compose/compose.ts'
import { openEmbedded } from '../testbed/embedded/embedded.ts'
import { openRemote, remoteArms } from '../testbed/remote/remote.ts'
import { KIT } from '../testbed/service-sql.ts'
import type { Testbed } from '../testbed/testbed.ts'
import type { RunOptions } from './run-options.ts'

/** A testbed before anything of it is started: enough to refuse what cannot be done on it. */
export type TestbedChoice = Readonly<{
  kind: Environment['testbed']
  arms: readonly Arm[]
  /** @param asked the arms that will be measured */
  open(asked: readonly string[], warn: (warning: string) => void): Promise<Testbed>
}>

/**
 * The testbed that fits: `remote` where targets are named, `compose` inside the container of
 * compose.yaml, else `embedded`.
 */
export async function chooseTestbed(
  { targets, databaseUrl }: Pick<RunOptions, 'targets' | 'databaseUrl'>,
  env: NodeJS.ProcessEnv,
): Promise<TestbedChoice> {
  if (targets.length > 0) {
    const arms = remoteArms(targets)
    return { kind: 'remote', arms, open: () => openRemote(targets, databaseUrl) }
  }
  const arms = readArms(await readFile(`${KIT}compose.yaml`, 'utf8'))
  if (env['SAMEHOST_TESTBED'] === 'compose') {
    const settings = readComposeSettings(env)
    return {
      kind: 'compose',
      arms,
      open: (asked, warn) => openCompose(settings, arms, asked, warn),
    }
  }
  const runnable = arms.filter((arm) => arm.entry !== null)
  return { kind: 'embedded', arms: runnable, open: () => openEmbedded(runnable) }
}
