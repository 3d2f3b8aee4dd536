import { readFile } from 'node:fs/promises'
import { readKit } from '../kit.ts'
import { readArms } from '../plan/arms.ts'
import { lockedDatabase } from '../testbed/database-lock.ts'
import { testDatabase, waitUntilAnswering } from '../testbed/database.ts'
import { waitUntilReady } from '../testbed/ready.ts'
import { UsageError } from './options.ts'
import { scenarioOf } from './testbeds.ts'

/**
 * `seed [ARM]`: recreates the database, as before each trial, and waits for the arm behind the front
 * door: for another instrument, which does neither. Started by compose.yaml.
 */
export async function seed(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [arm = '', ...more] = args
  const { DB_HOST: host, DB_PASSWORD_FILE: passwordFile, FRONT_DOOR: frontDoor } = env
  if (more.length > 0 || !host || !passwordFile || !frontDoor) {
    throw new UsageError(['seed belongs to Compose: docker compose --profile locust up locust.'])
  }
  const password = (await readFile(passwordFile, 'utf8')).trim()
  const known = readArms(readKit('compose.yaml'), readKit).find(({ name }) => name === arm)
  const adminUrl = `postgres://postgres:${password}@${known?.database ?? host}:5432/postgres`
  await waitUntilAnswering(adminUrl, { withinMs: 60_000 })
  const { database: scenario } = await scenarioOf(env)
  // Not while a run measures on it.
  const database = await lockedDatabase(testDatabase(adminUrl, password, scenario))
  try {
    await database.recreate()
  } finally {
    await database.release()
  }
  if (arm !== '') await waitUntilReady(arm, `${frontDoor}/${arm}`)
  process.stdout.write(`The database is new${arm === '' ? '' : `, and ${arm} is ready`}.\n`)
  return 0
}
