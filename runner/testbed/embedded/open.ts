import { randomBytes } from 'node:crypto'
import type { Arm } from '../../plan/arms.ts'
import { observeProcesses } from '../../telemetry/processes.ts'
import { roundTripMs, testDatabase } from '../database.ts'
import { serviceVersion } from '../ready.ts'
import type { Opening, Testbed } from '../testbed.ts'
import { givenHere, startArmProcess, stepBack } from './arm-process.ts'
import { type OwnCores, type Placement, takeOwnCores } from './cores.ts'
import { guard } from './guard.ts'
import { ownQuota } from './cgroup.ts'
import { groupControl, type HostGroups, openHostGroups, withPeriods } from './limits.ts'
import { limitCores, processParts } from './parts.ts'
import { type StartedPostgres, startPostgres } from './postgres.ts'

/**
 * The testbed without Docker: a real PostgreSQL and each arm as processes of this machine, with limits and
 * with cores apart from the runner's where the system lets it. There is no Nginx, so its figures stand
 * beside those of Compose, never in their place.
 *
 * @throws what could not be started; then nothing of it runs
 */
export async function openEmbedded(arms: readonly Arm[], opening: Opening): Promise<Testbed> {
  const { signal, loaders = [] } = opening
  const groups = await openHostGroups((folder) => guard().watchGroup(folder))
  const cores = await takeOwnCores([process.pid, ...loaders], Math.max(1, loaders.length))
  const hosts: Hosts = {
    groups,
    cores,
    quota: await ownQuota(),
    place: (part) => ({ cores: cores?.parts ?? null, group: groups?.[part] ?? null }),
    release: async () => {
      await groups?.remove()
      await cores?.release()
    },
  }
  let postgres: StartedPostgres | undefined
  try {
    postgres = await startPostgres({ placement: hosts.place('db'), signal })
    return await testbedOn(postgres, hosts, arms, opening)
  } catch (error) {
    await postgres?.stop()
    await hosts.release()
    throw error
  }
}

/** What stands in for the hosts of the application and of the database. */
type Hosts = Readonly<{
  groups: HostGroups | null
  cores: OwnCores | null
  /** Cores, of all processes together. */
  quota: number | null
  place(part: 'app' | 'db'): Placement
  release(): Promise<void>
}>

async function testbedOn(
  postgres: StartedPostgres,
  { groups, cores, quota, place, release }: Hosts,
  arms: readonly Arm[],
  { warn, database: scenario }: Opening,
): Promise<Testbed> {
  const letRunnerGoFirst = (pid: number): boolean => {
    const reason = cores === null ? stepBack(pid) : null
    if (reason !== null) warn(noPriority(reason))
    return reason === null
  }
  const goesFirst = letRunnerGoFirst(postgres.pid)
  const control = groups && groupControl(groups)
  const database = testDatabase(postgres.url, randomBytes(18).toString('base64url'), scenario)
  return {
    kind: 'embedded',
    label: labelOf(groups, cores, { goesFirst, quota }),
    arms,
    database,
    databaseOf: () => database,
    hosts: control,
    given: givenHere,
    open: async (arm, signal) => {
      if (arm.entry === null) throw new Error(`${arm.name} runs in a container only.`)
      const runnable = { ...arm, entry: arm.entry }
      const started = await startArmProcess(runnable, database.url, place('app'), { signal })
      letRunnerGoFirst(started.pid)
      const observer = observeProcesses({ app: started.pid, db: postgres.pid })
      return {
        url: started.url,
        version: await serviceVersion(started.url),
        startedAt: started.startedAt,
        roundTripMs: await roundTripMs(database.url),
        observer: groups === null ? observer : withPeriods(observer, groups),
        died: () => Promise.resolve(started.died() ?? postgres.died()),
        close: started.stop,
      }
    },
    environment: async (armNames) => {
      const [app, db] = [await groups?.app.limits(), await groups?.db.limits()]
      const limits = armNames.map((name) => control?.lastSet(name) ?? app)
      return {
        engine: null,
        compose: null,
        limitCores: limitCores(limits, db, cores),
        ...(cores === null ? {} : { partCores: cores.parts.length }),
        ...(quota === null ? {} : { quotaCores: quota }),
        parts: await processParts(armNames, limits, postgres, db),
      }
    },
    close: async () => {
      await postgres.stop()
      await release()
    },
  }
}

function noPriority(reason: string): string {
  return (
    `The arms and the database run with the runner's own priority (${reason} when lowering theirs): ` +
    'where cores are short, the runner may measure its own waiting. Run as another user than root, or ' +
    'with the capability SYS_NICE.'
  )
}

/** What a reader must know beside every figure. */
function labelOf(
  groups: HostGroups | null,
  cores: OwnCores | null,
  { goesFirst, quota }: Readonly<{ goesFirst: boolean; quota: number | null }>,
): string {
  const limits = groups === null ? 'no limits' : 'CPU limits by cgroup'
  const { instrument = [], parts = [] } = cores ?? {}
  const shared = goesFirst ? 'the runner first by priority alone' : 'all on the same cores'
  const runner =
    cores === null
      ? shared
      : `the runner on ${coresText(instrument)}, the others on ${coresText(parts)}`
  const within = quota === null ? '' : ` within a quota of ${Number(quota.toFixed(2))} cores`
  return `embedded: ${limits}${within}, no Nginx, ${runner}`
}

const coresText = (cores: readonly number[]): string =>
  `core${cores.length > 1 ? 's' : ''} ${cores.join(', ')}`
