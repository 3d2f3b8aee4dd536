import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readKit, SHOP } from '../kit.ts'
import type { Environment } from '../measurement/environment.ts'
import { type Arm, readArms } from '../plan/arms.ts'
import { openCompose, readComposeSettings } from '../testbed/compose/open.ts'
import { openEmbedded } from '../testbed/embedded/open.ts'
import { openRemote, remoteArms } from '../testbed/remote/open.ts'
import { openSwarm, readSwarmSettings } from '../testbed/swarm/open.ts'
import { ScenarioError } from '../scenario/parse.ts'
import { readScenario, type Scenario, type ScenarioSource } from '../scenario/scenario.ts'
import { givenSecret, shareSecret } from '../scenario/secret.ts'
import type { Opening, Testbed } from '../testbed/testbed.ts'
import { type RunOptions, UsageError } from './options.ts'

/** A testbed before anything of it is started: enough to refuse what cannot be done on it. */
export type TestbedChoice = Readonly<{
  kind: Environment['testbed']
  scenario: Scenario
  arms: readonly Arm[]
  /** Arms of compose.yaml that cannot run here; absent: none. */
  containerOnly?: readonly Arm[]
  /** @param asked the arms that will be measured */
  open(asked: readonly string[], opening: Omit<Opening, 'database'>): Promise<Testbed>
}>

/**
 * The testbed that fits: `remote` where targets are named, `compose` inside the container of
 * compose.yaml, else `embedded`.
 *
 * @throws UsageError where the scenario is not as it must be
 */
export async function chooseTestbed(
  {
    targets,
    databaseUrl,
    stats = [],
    journey = null,
    paths = [],
    pid = null,
  }: Pick<RunOptions, 'targets' | 'databaseUrl'> &
    Partial<Pick<RunOptions, 'stats' | 'journey' | 'paths' | 'pid'>>,
  env: NodeJS.ProcessEnv,
): Promise<TestbedChoice> {
  const scenario = await scenarioOf(env, {
    runsElsewhere: targets.length > 0,
    source: journey ?? (paths.length > 0 ? { paths } : undefined),
  })
  const { database } = scenario
  if (targets.length > 0) {
    const arms = remoteArms(targets)
    return {
      kind: 'remote',
      scenario,
      arms,
      open: (_, opening) =>
        openRemote(
          { targets, databaseUrl, stats, pid, keepsContract: scenario.contract !== null },
          { ...opening, database },
        ),
    }
  }
  const arms = readArms(readKit('compose.yaml'), readKit, env)
  if (env['SAMEHOST_TESTBED'] === 'compose') {
    const settings = readComposeSettings(env)
    return {
      kind: 'compose',
      scenario,
      arms,
      open: (asked, opening) => openCompose(settings, arms, asked, { ...opening, database }),
    }
  }
  if (env['SAMEHOST_TESTBED'] === 'swarm') {
    const settings = readSwarmSettings(env)
    return {
      kind: 'swarm',
      scenario,
      arms,
      open: (asked, opening) => openSwarm(settings, arms, asked, { ...opening, database }),
    }
  }
  const runnable = arms.filter((arm) => arm.entry !== null)
  return {
    kind: 'embedded',
    scenario,
    arms: runnable,
    containerOnly: arms.filter((arm) => arm.entry === null),
    open: (_, opening) => openEmbedded(runnable, { ...opening, database }),
  }
}

/**
 * The scenario that was asked for, else the one whose file `SAMEHOST_SCENARIO` names, else the shop, with its secret
 * at hand.
 *
 * @param runsElsewhere its service was started by somebody else, who chose the secret
 * @throws UsageError saying which line of it is wrong, or that the secret is missing
 */
export async function scenarioOf(
  env: NodeJS.ProcessEnv,
  {
    runsElsewhere = false,
    source,
  }: Readonly<{ runsElsewhere?: boolean; source?: ScenarioSource | undefined }> = {},
): Promise<Scenario> {
  try {
    const scenario = await readScenario(source ?? (env['SAMEHOST_SCENARIO'] || SHOP), env)
    const { name, secret } = scenario
    const given = secret === null ? null : givenSecret(secret, env)
    if (runsElsewhere && secret !== null && given === null) {
      throw new UsageError([
        `${secret} is not set: the users of the scenario ${name} share a secret with their service. Give the one that ` +
          `the service has, in the variable ${secret} or in a file that ${secret}_FILE names.`,
      ])
    }
    shareSecret(secret, given)
    return scenario
  } catch (error) {
    throw error instanceof ScenarioError ? new UsageError([error.message]) : error
  }
}

/**
 * Is the runner in its image another than the one in the checkout? `docker compose up` does not build
 * again what was built once, so a change may be measured that is not there.
 *
 * @param kit the root of the kit in the image
 * @param source the checkout, as mounted
 * @returns a warning with its remedy, or null
 */
export async function staleImageWarning(kit: string, source: string): Promise<string | null> {
  const entries = ['compose', 'nginx', 'runner', 'scenarios', 'sql', 'study'].map((folder) =>
    readdir(join(kit, folder), { recursive: true, withFileTypes: true }).catch((error: unknown) => {
      // A checkout may have no study; it has all else.
      if (folder === 'study' && (error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }),
  )
  const files = (await Promise.all(entries))
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(kit.length))
    // What npm installed into the image is not of the checkout: package-lock.json decides it.
    .filter((file) => !file.includes('node_modules'))
  const all = [...files, 'compose.yaml', 'services/contract.yaml']
  for (const file of all) {
    const [built, checkedOut] = await Promise.all(
      [kit, source].map((root) => readFile(join(root, file)).catch(() => null)),
    )
    if (built && checkedOut?.equals(built)) continue
    return `The images are not of this checkout (${file} differs): run \`docker compose build\`.`
  }
  return null
}
