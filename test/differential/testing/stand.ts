import { withConnection } from '../../../runner/testbed/database.ts'
import { MODES } from '../../../services/commerce/config.ts'
import { startDatabase } from '../../service/testing/database.ts'
import { startFloor, type StartedService, startService } from '../../service/testing/service.ts'
import { type Way, wayTo } from './compare.ts'

export type Stand = Readonly<{ ways: readonly Way[]; stop(): Promise<void> }>

/**
 * The services that need nothing but Node, each on a database of its own, all made alike: what they answer
 * to the same requests is the same to the last id.
 */
export async function startStand(): Promise<Stand> {
  const database = await startDatabase({ fsync: 'off' })
  const urlOf = async (name: string): Promise<string> => {
    const own = name.replaceAll('-', '_')
    await withConnection(database.adminUrl, (admin) =>
      admin.query(`CREATE DATABASE ${own} TEMPLATE ${database.name} OWNER ${database.name}`),
    )
    const url = new URL(database.url)
    url.pathname = `/${own}`
    return url.href
  }
  const services: { name: string; service: StartedService }[] = []
  for (const name of [...MODES, 'floor'] as const) {
    const env = {
      DATABASE_URL: await urlOf(name),
      ARM_NAME: name,
      DB_POOL_MAX: '3',
    }
    const service =
      name === 'floor'
        ? await startFloor(env)
        : await startService({ ...env, DB_MODE: name, DB_WORKERS: '3' })
    services.push({ name, service })
  }
  return {
    ways: services.map(({ name, service }) => wayTo(name, service.url)),
    async stop() {
      await Promise.all(services.map(({ service }) => service.stop()))
      await database.stop()
    },
  }
}
