import { randomBytes } from 'node:crypto'
import type { PartEnvironment } from '../../measurement/environment.ts'
import type { Arm } from '../../plan/arms.ts'
import { observeProcesses } from '../../telemetry/processes.ts'
import { roundTripMs, testDatabase } from '../database.ts'
import { serverVersion, serviceVersion } from '../ready.ts'
import type { Testbed } from '../testbed.ts'
import { startArmProcess, stepBack } from './arm-process.ts'
import { startPostgres } from './postgres.ts'

/**
 * The testbed without Docker: a real PostgreSQL and each arm as processes of this machine. Nothing limits
 * them and there is no Nginx, so its figures stand beside those of Compose, never in their place.
 */
export async function openEmbedded(arms: readonly Arm[]): Promise<Testbed> {
  const postgres = await startPostgres()
  stepBack(postgres.pid)
  const database = await testDatabase(postgres.url, randomBytes(18).toString('base64url'))
  return {
    kind: 'embedded',
    label: 'embedded: no limits, no Nginx',
    arms,
    database,
    databaseOf: () => database,
    hosts: null,
    open: async (arm) => {
      if (arm.entry === null) throw new Error(`${arm.name} runs in a container only.`)
      const started = await startArmProcess({ ...arm, entry: arm.entry }, database.url)
      stepBack(started.pid)
      return {
        url: started.url,
        version: await serviceVersion(started.url),
        roundTripMs: await roundTripMs(database.url),
        observer: observeProcesses({ app: started.pid, db: postgres.pid }),
        died: () => Promise.resolve(started.died()),
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
