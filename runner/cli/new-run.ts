import { hostEnvironment } from '../environment.ts'
import { gitState } from '../git/state.ts'
import type { Environment } from '../measurement/environment.ts'
import { RUN_VERSION, type Configuration, type Run } from '../measurement/run.ts'
import { lastCalibration } from '../results/calibration-file.ts'
import { withConnection } from '../testbed/connection.ts'
import { KIT } from '../testbed/service-sql.ts'
import { CALIBRATION_FILE } from './calibrate.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** A run without a trial: what was asked for, and what it stands on. */
export async function newRun(configuration: Configuration, testbed: Testbed): Promise<Run> {
  return {
    version: RUN_VERSION,
    startedAt: new Date().toISOString(),
    finishedAt: null,
    state: 'partial',
    configuration,
    environment: await environmentOf(configuration, testbed),
    warnings: [],
    trials: [],
    crossings: [],
    claims: [],
  }
}

async function environmentOf(configuration: Configuration, testbed: Testbed): Promise<Environment> {
  const host = hostEnvironment()
  const own = await testbed.environment(configuration.arms.map((arm) => arm.name))
  return {
    testbed: testbed.kind,
    label: testbed.label,
    host,
    ...own,
    node: process.version,
    oversubscribed: (own.limitCores ?? 0) > host.cores,
    database: await databaseEnvironment(testbed),
    git: await gitState(process.env['SAMEHOST_SOURCE'] ?? KIT),
    calibration: await lastCalibration(CALIBRATION_FILE, host),
  }
}

/** Settings that decide what a connection and a commit cost. */
const SETTINGS = [
  'max_connections',
  'shared_buffers',
  'fsync',
  'synchronous_commit',
  'password_encryption',
  'ssl',
  'log_connections',
  'jit',
]

async function databaseEnvironment({ database }: Testbed): Promise<Environment['database']> {
  if (database === null) return { version: null, settings: {} }
  return await withConnection(database.adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string; setting: string }>(
      'SELECT name, current_setting(name) AS setting FROM pg_settings WHERE name = ANY($1)',
      [['server_version', ...SETTINGS]],
    )
    const all = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))
    const { server_version: version = null, ...settings } = all
    return { version, settings }
  })
}
