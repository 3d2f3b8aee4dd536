import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withConnection } from '../../../runner/testbed/database.ts'
import type { Way } from '../../differential/testing/compare.ts'
import { effectIn } from '../../differential/testing/stand.ts'
import { SHOP_ENV } from '../../fixtures/shop.ts'
import { build, docker } from '../kit.ts'

export const ARMS = [
  'pooled',
  'persistent',
  'per-request',
  'floor',
  'fastapi-pooled',
  'fastapi-persistent',
  'fastapi-per-request',
  'django-pooled',
  'django-persistent',
  'django-per-request',
  'go-pooled',
] as const

/** Every arm as compose.yaml has it, each on a database of its own, all made alike. */
export type ArmsStand = Readonly<{
  /** Past the front door, and through it. */
  direct: readonly Way[]
  behindDoor: readonly Way[]
  door: string
  /** Asks the database as its administrator. */
  query<Row>(sql: string): Promise<Row[]>
  compose(...args: string[]): Promise<string>
  stop(): Promise<void>
}>

/** Few connections each: together they must not exceed the hundred of the database. */
export const CONNECTIONS = 3

export async function startArms(): Promise<ArmsStand> {
  const folder = await mkdtemp(join(tmpdir(), 'samehost-arms-'))
  const env = {
    COMPOSE_PROJECT_NAME: `samehost-arms-${process.pid}`,
    COMPOSE_PROFILES: 'all,example,locust',
    SAMEHOST_PORT: '0',
    DB_PREPARE: '',
  }
  const compose = async (...args: string[]): Promise<string> => {
    const files = ['-f', 'compose.yaml', '-f', join(folder, 'published.yaml')]
    const done = await docker(['compose', ...files, ...args], env)
    assert.equal(done.code, 0, `${args.join(' ')}\n${done.stdout}${done.stderr}`)
    return done.stdout.trim()
  }
  const stop = async (): Promise<void> => {
    await compose('down', '-v', '--remove-orphans')
    await rm(folder, { recursive: true, force: true })
  }

  await writeFile(join(folder, 'published.yaml'), published())
  try {
    const images = ['seed', 'nginx', 'pooled', 'floor', 'fastapi-pooled', 'django-pooled']
    await build(...images, 'go-pooled')
    await compose('up', '-d', '--wait', 'db')
    await compose('run', '--rm', '--no-deps', '-T', 'seed', '')
    const admin = adminUrl(await portOf('db', 5432), await password())
    await giveDatabases(admin)
    await compose('up', '-d', '--wait', '--no-deps', ...ARMS, 'nginx')
    const door = `http://${await portOf('nginx', 8080)}`
    const way = (name: string, url: string): Way => {
      const own = new URL(admin)
      own.pathname = `/${databaseOf(name)}`
      return { name, url, effect: () => effectIn(own.href) }
    }
    return {
      direct: await Promise.all(
        ARMS.map(async (arm) => way(arm, `http://${await portOf(arm, 8080)}`)),
      ),
      behindDoor: ARMS.map((arm) => way(arm, `${door}/${arm}`)),
      door,
      query: <Row>(sql: string) =>
        withConnection(admin, async (client) => (await client.query(sql)).rows as Row[]),
      compose,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }

  function portOf(service: string, port: number): Promise<string> {
    return compose('port', service, String(port))
  }
  function password(): Promise<string> {
    return compose('exec', '-T', 'db', 'cat', '/run/samehost/password')
  }
}

function published(): string {
  const port = (of: number): string => `networks: [published], ports: ['127.0.0.1:0:${of}']`
  const arms = ARMS.map((arm) => {
    const workers = ['floor', 'go-pooled'].includes(arm) ? '' : `, DB_WORKERS: '${CONNECTIONS}'`
    const bounds = `DB_POOL_MAX: '${CONNECTIONS}'${workers}`
    // The secret of this process, which signs the tokens.
    const secret = `TOKEN_SECRET: '${SHOP_ENV.TOKEN_SECRET}', TOKEN_SECRET_FILE: ''`
    const environment = `DB_NAME: '${databaseOf(arm)}', ${bounds}, ${secret}`
    return `  ${arm}: { ${port(8080)}, environment: { ${environment} } }`
  })
  return ['services:', `  db: { ${port(5432)} }`, ...arms, ''].join('\n')
}

const databaseOf = (arm: string): string => arm.replaceAll('-', '_')

const adminUrl = (address: string, password: string): string =>
  `postgres://postgres:${encodeURIComponent(password)}@${address}/postgres`

async function giveDatabases(admin: string): Promise<void> {
  await withConnection(admin, async (client) => {
    for (const arm of ARMS) {
      await client.query(`CREATE DATABASE ${databaseOf(arm)} TEMPLATE commerce OWNER commerce`)
    }
  })
}
