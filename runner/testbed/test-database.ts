import { createDatabase } from './database.ts'
import { serviceSql } from './service-sql.ts'
import { ensureSupported } from './supported.ts'
import type { TestDatabase } from './testbed.ts'

/** Name of the database and of its owner, which are the services' own. */
export const DATABASE = 'commerce'

/**
 * The database of the services on the server that `adminUrl` leads to.
 *
 * @param password of the owner, under which the services log in
 * @throws if the server is older than the kit can use
 */
export async function testDatabase(adminUrl: string, password: string): Promise<TestDatabase> {
  await ensureSupported(adminUrl)
  const sql = await serviceSql()
  const url = new URL(adminUrl)
  url.username = DATABASE
  url.password = password
  url.pathname = `/${DATABASE}`
  const plan = { adminUrl, name: DATABASE, owner: { name: DATABASE, password }, sql }
  return { name: DATABASE, adminUrl, url: url.href, createAnew: () => createDatabase(plan) }
}
