import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { add } from '../../runner/cli/add.ts'
import { vary } from '../../runner/cli/vary.ts'
import { KIT } from '../../runner/kit.ts'
import { type ArmProcess, startArmProcess } from '../../runner/testbed/embedded/arm-process.ts'
import { type StartedPostgres, startPostgres } from '../../runner/testbed/embedded/postgres.ts'
import { type Followed, startRun } from './runs.ts'
import { SHOP_ENV, shopDatabase } from '../fixtures/shop.ts'

let folder: string
let postgres: StartedPostgres
let service: ArmProcess

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'))
  postgres = await startPostgres()
  const database = shopDatabase(postgres.url, 'of this test')
  await database.recreate()
  const arm = { name: 'mine', mode: null, entry: 'services/commerce/main.ts', groups: [] }
  const environment = { DB_MODE: 'pooled' }
  service = await startArmProcess({ ...arm, environment }, database.url)
})
after(async () => {
  await service.stop()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

/** What came as authorization with reads of products, for which no token is needed, and with all else. */
type Sent = Readonly<{ reads: Set<string>; others: Set<string> }>

/** The service behind a door that asks for a password, and keeps what it was sent. */
async function openDoor(): Promise<{ port: number; sent: Sent; close: () => void }> {
  const sent: Sent = { reads: new Set(), others: new Set() }
  const door = createServer((asked, answer) => {
    const { method, url = '', headers } = asked
    const kind = method === 'GET' && url.startsWith('/products') ? sent.reads : sent.others
    kind.add(headers.authorization ?? 'none')
    const passed = request(service.url + url, { method, headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const close = (): void => {
    door.closeAllConnections()
    door.close()
  }
  return { port: (door.address() as AddressInfo).port, sent, close }
}

/** Of every process of the machine; empty where the system has no /proc. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const read = (pid: string) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
  return (await Promise.all(pids.map(read))).join('\n')
}

/** All files below `path`, as text. */
async function filesIn(path: string): Promise<{ name: string; text: string }[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile()).map((at) => join(at.parentPath, at.name))
  return await Promise.all(
    names.map(async (name) => ({ name, text: await readFile(name, 'latin1') })),
  )
}

test('the secrets of a run are used, and stand in no file, output or list of processes', async (t) => {
  const { port, sent, close } = await openDoor()
  t.after(close)
  const { password, port: databasePort } = new URL(postgres.url)
  const basic = Buffer.from('me:planted-1@').toString('base64')
  const { TOKEN_SECRET: tokenSecret = '' } = SHOP_ENV
  const secrets = ['planted', basic, password, tokenSecret]
  const query = `password=${password}&sslpassword=planted-2&application_name=mine`
  const databaseUrl = `postgres://postgres@127.0.0.1:${databasePort}/commerce?${query}`
  const env = { MY_SECRET: 'planted-3', API_TOKEN: 'planted-4', PGSSLPASSWORD: 'planted-5' }
  const out = join(folder, 'run')
  const kept: { name: string; text: string }[] = []
  const ended = async (name: string, run: Followed, code: number): Promise<void> => {
    assert.equal(await run.ended(), code, run.said())
    kept.push({ name, text: run.said() })
  }
  const start = (...args: string[]): Followed => startRun(folder, args, env)

  const target = ['--target', `mine=http://me:planted-1%40@127.0.0.1:${port}`]
  const tiny = ['--profile', 'smoke', '--users', '5', '--hold', '1s']
  const run = start(...tiny, ...target, '--database-url', databaseUrl, '--out', out)
  await run.until(/5 users: /)
  kept.push({ name: 'cmdline', text: await commandLines() })
  await ended('run', run, 0)
  assert.deepEqual([...sent.reads], [`Basic ${basic}`], 'with every read, and no other')
  const tokens = [...sent.others].flatMap((header) => /^Bearer (eyJ.+)/.exec(header)?.[1] ?? [])
  assert.ok(tokens.length > 5, 'each user orders by a token')
  // What follows the head, which many tokens have.
  secrets.push(...tokens.map((token) => token.slice(token.indexOf('.'))))

  await ended('report', start('report', out), 0)
  // A run beside itself is refused, and what is not alike is said.
  await ended('compare', start('compare', out, out), 2)
  await ended('verify', start('verify', `http://me:planted-1%40@127.0.0.1:${port}`), 0)
  await ended('resume', start('--resume', out, ...target, '--database-url', databaseUrl), 2)
  const wrong = databaseUrl.replace(password, 'planted-6')
  const refused = ['--out', join(folder, 'refused'), ...target, '--database-url', wrong]
  await ended('a wrong password', start(...tiny, ...refused), 1)
  const broken = ['--database-url', `postgres:/me@h?password=planted-7`]
  await ended('a broken address', start(...tiny, ...target, ...broken), 2)

  const kit = join(folder, 'kit')
  await mkdir(join(kit, 'services'), { recursive: true })
  await cp(join(KIT, 'compose.yaml'), join(kit, 'compose.yaml'))
  await cp(join(KIT, 'compose'), join(kit, 'compose'), { recursive: true })
  assert.equal(await add(['mine'], env, kit), 0)
  assert.equal(await vary(['mine', 'DB_POOL_MAX=5,10'], env, kit), 0)
  await assert.rejects(vary(['mine', 'API_TOKEN=planted-8,planted-9'], env, kit), (error) => {
    kept.push({ name: 'vary', text: String(error) })
    return /is the name of a secret/.test(String(error))
  })

  kept.push(...(await filesIn(folder)))
  const has = (end: string): boolean => kept.some(({ name }) => name.endsWith(end))
  for (const end of ['run.json', 'report.md', 'report.html', '.csv', 'compose.yaml'])
    assert.ok(has(end), `${end} is among what was searched`)
  for (const { name, text } of kept)
    for (const secret of secrets) assert.ok(!text.includes(secret), `${secret} in ${name}: ${text}`)
})
