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
 * @returns `createAnew` throws, before it drops anything, if the server is older than the kit can use
 */
export async function testDatabase(adminUrl: string, password: string): Promise<TestDatabase> {
  const sql = await serviceSql()
  const url = new URL(adminUrl)
  url.username = DATABASE
  url.password = password
  url.pathname = `/${DATABASE}`
  const plan = { adminUrl, name: DATABASE, owner: { name: DATABASE, password }, sql }
  const createAnew = async (): Promise<void> => {
    await ensureSupported(adminUrl)
    await createDatabase(plan)
  }
  return { name: DATABASE, adminUrl, url: url.href, createAnew }
}
