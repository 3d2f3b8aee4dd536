import { withConnection } from '../../../runner/testbed/database.ts'
import { MODES } from '../../../services/commerce/config.ts'
import { startDatabase } from '../../service/testing/database.ts'
import { startFloor, type StartedService, startService } from '../../service/testing/service.ts'
import type { Way } from './compare.ts'

export type Stand = Readonly<{ ways: readonly Way[]; stop(): Promise<void> }>

/**
 * The services that need nothing but Node, each on a database of its own, all made alike: what they answer
 * to the same requests is the same to the last id.
 */
export async function startStand(): Promise<Stand> {
  const database = await startDatabase({ fsync: 'off' })
  const below = (base: string, name: string): string => {
    const url = new URL(base)
    url.pathname = `/${name.replaceAll('-', '_')}`
    return url.href
  }
  const services: { name: string; service: StartedService }[] = []
  for (const name of [...MODES, 'floor'] as const) {
    await withConnection(database.adminUrl, (admin) =>
      admin.query(
        `CREATE DATABASE ${name.replaceAll('-', '_')} TEMPLATE ${database.name} OWNER ${database.name}`,
      ),
    )
    const env = {
      DATABASE_URL: below(database.url, name),
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
    ways: services.map(({ name, service: { url } }) => {
      return { name, url, effect: () => effectIn(below(database.adminUrl, name)) }
    }),
    async stop() {
      await Promise.all(services.map(({ service }) => service.stop()))
      await database.stop()
    },
  }
}

/** Which orders a database holds, and what is sold: all of it but the moments, as a line. */
export function effectIn(databaseUrl: string): Promise<string> {
  return withConnection(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<string, string>>(EFFECT)
    return JSON.stringify(rows[0])
  })
}

const EFFECT = `
  SELECT (SELECT count(*) FROM orders) AS orders, (SELECT sum(quantity) FROM orders) AS pieces,
         (SELECT sum(sold) FROM products) AS sold,
         (SELECT md5(string_agg(concat_ws(' ', id, product_id, quantity, unit_price_minor, idempotency_key), ','
                                ORDER BY id)) FROM orders) AS digest`
