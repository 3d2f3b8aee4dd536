import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The root of the kit, where compose.yaml stands. */
export const KIT = fileURLToPath(new URL('../../', import.meta.url))

/** The statements that make the database of the services: schema, then seed. */
export async function serviceSql(): Promise<string[]> {
  return await Promise.all(
    ['sql/schema.sql', 'sql/seed.sql'].map((file) => readFile(`${KIT}${file}`, 'utf8')),
  )
}
