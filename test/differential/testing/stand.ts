import { pbkdf2Sync } from 'node:crypto'
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
  const database = await startDatabase()
  await database.query(
    `UPDATE product_items SET stock = ${SCARCE_STOCK} WHERE id % 4 = 0 AND id <= 40`,
  )
  await database.query('UPDATE users SET password_hash = $1', [cheapHash('correct horse')])
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

/** So few that some items sell out in the midst of it. */
const SCARCE_STOCK = 30

/** A hash as sql/schema.sql has it, of few iterations: a sign-in costs as many as its hash says. */
function cheapHash(password: string): string {
  const [salt, iterations] = ['samehost', 1_000]
  const hash = pbkdf2Sync(password, salt, iterations, 32, 'sha256').toString('base64')
  return `pbkdf2_sha256$${iterations}$${salt}$${hash}`
}

/** Which orders a database holds, and what is sold: all of it but the moments, as a line. */
export function effectIn(databaseUrl: string): Promise<string> {
  return withConnection(databaseUrl, async (client) => {
    const { rows } = await client.query<Record<string, string>>(EFFECT)
    return JSON.stringify(rows[0])
  })
}

/** But for what a check of the contract and a journey of the load draw, which is another each time. */
const NUMBER = "regexp_replace(number, '[0-9a-f]{16}-[0-9]+', 'drawn')"
const ORDER = `concat_ws(' ', ${NUMBER}, user_id, product_id, status)`

const EFFECT = `
  SELECT (SELECT count(*) FROM orders) AS orders, (SELECT count(*) FROM order_items) AS pieces,
         (SELECT string_agg(concat_ws(':', id, sold), ' ' ORDER BY id) FROM product_items WHERE sold > 0) AS sold,
         (SELECT md5(string_agg(${ORDER}, ',' ORDER BY ${ORDER} COLLATE "C"))
            FROM orders) AS of_orders,
         (SELECT md5(string_agg(concat_ws(' ', i.id, ${NUMBER}, i.product_item_id, i.price_minor), ',' ORDER BY i.id))
            FROM order_items AS i JOIN orders AS o ON o.id = i.order_id) AS of_pieces`
