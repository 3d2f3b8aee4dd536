import { randomBytes } from 'node:crypto'
import type { PartEnvironment } from '../../measurement/environment.ts'
import type { Arm } from '../../plan/arms.ts'
import { observeProcesses } from '../../telemetry/processes.ts'
import { testDatabase } from '../database.ts'
import { serverVersion, serviceVersion } from '../ready.ts'
import type { Opening, Testbed } from '../testbed.ts'
import { startArmProcess, stepBack } from './arm-process.ts'
import { type StartedPostgres, startPostgres } from './postgres.ts'

/**
 * The testbed without Docker: a real PostgreSQL and each arm as processes of this machine. Nothing limits
 * them and there is no Nginx, so its figures stand beside those of Compose, never in their place.
 *
 * @throws what could not be started; then nothing of it runs
 */
export async function openEmbedded(
  arms: readonly Arm[],
  { warn, signal }: Opening,
): Promise<Testbed> {
  const postgres = await startPostgres({ signal })
  try {
    return await testbedOn(postgres, arms, warn)
  } catch (error) {
    await postgres.stop()
    throw error
  }
}

async function testbedOn(
  postgres: StartedPostgres,
  arms: readonly Arm[],
  warn: (warning: string) => void,
): Promise<Testbed> {
  const letRunnerGoFirst = (pid: number): void => {
    const reason = stepBack(pid)
    if (reason !== null) warn(noPriority(reason))
  }
  letRunnerGoFirst(postgres.pid)
  const database = await testDatabase(postgres.url, randomBytes(18).toString('base64url'))
  return {
    kind: 'embedded',
    label: 'embedded: no limits, no Nginx',
    arms,
    database,
    hosts: null,
    open: async (arm, signal) => {
      if (arm.entry === null) throw new Error(`${arm.name} runs in a container only.`)
      const started = await startArmProcess({ ...arm, entry: arm.entry }, database.url, signal)
      letRunnerGoFirst(started.pid)
      return {
        url: started.url,
        version: await serviceVersion(started.url),
        startedAt: started.startedAt,
        observer: observeProcesses({ app: started.pid, db: postgres.pid }),
        died: () => Promise.resolve(started.died() ?? postgres.died()),
        close: started.stop,
      }
    },
    environment: async (armNames) => ({
      engine: null,
      compose: null,
      limitCores: null,
      parts: [
        ...armNames.map((name) => processPart('app', name, null)),
        processPart('db', 'postgres', await serverVersion(postgres.url)),
        processPart('runner', 'node', `node ${process.versions.node}`),
      ],
    }),
    close: postgres.stop,
  }
}

function noPriority(reason: string): string {
  return (
    `The arms and the database run with the runner's own priority (${reason} when lowering theirs): ` +
    'where cores are short, the runner may measure its own waiting. Run as another user than root, or ' +
    'with the capability SYS_NICE.'
  )
}

function processPart(part: string, name: string, version: string | null): PartEnvironment {
  const none = {
    image: null,
    imageId: null,
    digest: null,
    cpuLimitCores: null,
    memoryLimitMb: null,
  }
  return { part, name, version, standIn: false, ...none }
}
