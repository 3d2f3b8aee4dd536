import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { check, resolveConfig } from 'prettier'
import { KIT } from '../kit.ts'
import { chooseArms, readArms } from '../plan/arms.ts'
import { UsageError } from './options.ts'
import { vary } from './vary.ts'

const copies: string[] = []
after(async () => {
  for (const copy of copies) await rm(copy, { recursive: true })
})

async function copyOfTheKit(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'vary-'))
  copies.push(copy)
  await cp(join(KIT, 'compose.yaml'), join(copy, 'compose.yaml'))
  await cp(join(KIT, 'compose'), join(copy, 'compose'), { recursive: true })
  await symlink(join(KIT, 'services'), join(copy, 'services'))
  return copy
}

const armsOf = (root: string) => {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8')
  return readArms(read('compose.yaml'), read)
}

test('a variable is varied: a group of arms that are the arm but for it', async () => {
  const root = await copyOfTheKit()
  assert.equal(await vary(['go-pooled', 'GOMAXPROCS=1,2'], {}, root), 0)
  const arms = armsOf(root)
  const { arms: group } = chooseArms(['vary-go-pooled-gomaxprocs'], arms)
  const from = arms.find(({ name }) => name === 'go-pooled')
  assert.deepEqual(
    group.map(({ name, factor }) => ({ name, factor })),
    ['1', '2'].map((level) => ({
      name: `vary-go-pooled-gomaxprocs-${level}`,
      factor: { factor: 'GOMAXPROCS', level, from: 'go-pooled' },
    })),
  )
  assert.deepEqual(group[1]?.environment, {
    ...from?.environment,
    ARM_NAME: 'vary-go-pooled-gomaxprocs-2',
    GOMAXPROCS: '2',
  })
  assert.equal(group[1]?.mode, from?.mode)
})

test('an arm of a group can itself be varied, from where it is written', async () => {
  const root = await copyOfTheKit()
  await vary(['pooler-transaction-pooled', 'DB_POOL_MAX=5,20'], {}, root)
  const { arms } = chooseArms(['vary-pooler-transaction-pooled-db-pool-max'], armsOf(root))
  assert.equal(arms.length, 2)
  assert.equal(arms[0]?.environment['DB_HOST'], 'pgbouncer-transaction')
  assert.equal(arms[0]?.through, 'pgbouncer-transaction')
})

test('what is written is formatted as the kit is, and every line of compose.yaml stays', async () => {
  const root = await copyOfTheKit()
  const before = (await readFile(join(root, 'compose.yaml'), 'utf8')).split('\n')
  await vary(['pooled', 'DB_POOL_MAX=1,5'], {}, root)
  await vary(['pooled', 'mem_limit=256m,512m'], {}, root)
  for (const file of [
    'compose.yaml',
    'compose/vary-pooled-db-pool-max.yaml',
    'compose/vary-pooled-mem-limit.yaml',
  ]) {
    const options = { ...(await resolveConfig(join(KIT, file))), filepath: file }
    assert.ok(await check(await readFile(join(root, file), 'utf8'), options), file)
  }
  const lines = (await readFile(join(root, 'compose.yaml'), 'utf8')).split('\n')
  assert.deepEqual(
    lines.filter((line) => !line.includes('vary-')),
    before,
  )
})

test('a value is the service’s to the letter, whatever YAML or Compose would make of it', async () => {
  const root = await copyOfTheKit()
  await vary(['fastapi-pooled', "GREETING=it's,$HOME,yes"], {}, root)
  const text = await readFile(join(root, 'compose/vary-fastapi-pooled-greeting.yaml'), 'utf8')
  assert.match(text, /GREETING: 'it''s'/)
  assert.match(text, /GREETING: '\$\$HOME'/)
  assert.match(text, /GREETING: 'yes'/)
})

test('the modes of a service: each level promises its own; behind a pooler the promise is the pooler’s', async () => {
  const root = await copyOfTheKit()
  await vary(['pooled', 'DB_MODE=pooled,per-request'], {}, root)
  await vary(['pooler-session-pooled', 'DB_MODE=pooled,per-request'], {}, root)
  const modes = (group: string) =>
    chooseArms([group], armsOf(root)).arms.map(({ mode, environment }) => [
      environment['DB_MODE'],
      mode,
    ])
  assert.deepEqual(modes('vary-pooled-db-mode'), [
    ['pooled', 'pooled'],
    ['per-request', 'per-request'],
  ])
  assert.deepEqual(modes('vary-pooler-session-pooled-db-mode'), [
    ['pooled', 'pooled'],
    ['per-request', 'pooled'],
  ])
})

test('a level that is a limit is a limit of the arm, as it was asked for', async () => {
  const root = await copyOfTheKit()
  await vary(['pooled', 'cpus=0.1,1'], {}, root)
  const { arms } = chooseArms(['vary-pooled-cpus'], armsOf(root))
  assert.deepEqual(
    arms.map(({ limits }) => limits?.cpu?.cores),
    [0.1, 1],
  )
  const from = armsOf(root).find(({ name }) => name === 'pooled')
  assert.equal(from?.limits?.cpu, undefined, 'its own limit is one of HOSTS')
  assert.deepEqual(from?.limits, { memoryBytes: 512 * 2 ** 20, pids: 256 })
})

for (const [what, args, remedy] of [
  [
    'a level that the service refuses',
    ['pooled', 'DB_POOL_MAX=0,5'],
    /DB_POOL_MAX=0: give an integer from 1/,
  ],
  [
    'a variable that the service does not know',
    ['pooled', 'DB_POOLMAX=1,5'],
    /DB_POOLMAX is no variable of this service: .*DB_POOL_MAX/,
  ],
  [
    'a variable that nothing of the service knows',
    ['pooled', 'GREETING=a,b'],
    /greeting-a: it does not say on \/healthz that it goes by GREETING: .*; it goes by DB_/,
  ],
  [
    'a variable without a meaning in the mode',
    ['pooled', 'DB_WORKERS=1,5'],
    /goes by DB_WORKERS: it is no variable of it, or means nothing in its mode/,
  ],
  [
    'a number that is written in two ways',
    ['pooled', 'DB_POOL_MAX=10,5,010'],
    /10 and .*=010 are the same/,
  ],
  ['a duration likewise', ['fastapi-pooled', 'DB_ACQUIRE_TIMEOUT=1s,1000ms'], /are the same level/],
  ['a limit likewise', ['pooled', 'cpus=0.5,0.50'], /cpus=0.5 and cpus=0.50 are the same level/],
  ['a size likewise', ['pooled', 'mem_limit=1g,1024m'], /are the same level/],
  ['a mode that is none', ['fastapi-pooled', 'DB_MODE=pooled,eager'], /DB_MODE=eager: give pooled/],
  ['a mode that the service has not', ['floor', 'DB_MODE=pooled,per-request'], /has a pool only/],
  ['the name of the arm', ['pooled', 'ARM_NAME=a,b'], /ARM_NAME is the kit's own/],
  ['where it listens', ['pooled', 'PORT=1,2'], /PORT is the kit's own/],
  ['where its database is', ['pooled', 'DB_HOST=db,db-15'], /compose\/postgres.yaml/],
  ['no arm', [], /give an arm and a variable/],
  [
    'an arm that is not there',
    ['pool', 'A=1,2'],
    /there is no such arm\. Did you mean pooled\? There is pooled,/,
  ],
  ['one value', ['pooled', 'DB_POOL_MAX=5'], /two values or more/],
  ['a value twice', ['pooled', 'DB_POOL_MAX=5,5'], /two values or more/],
  ['an empty value', ['pooled', 'DB_POOL_MAX=5,'], /two values or more/],
  ['no name', ['pooled', '5,6'], /give an arm and a variable/],
  ['a limit that is none', ['pooled', 'volumes=a,b'], /no limit that can be varied/],
  ['no CPU at all', ['pooled', 'cpus=0,1'], /cpus=0 is no cpus/],
] as const) {
  test(`${what} is refused, and nothing is written`, async () => {
    const root = await copyOfTheKit()
    const before = await readFile(join(root, 'compose.yaml'), 'utf8')
    const files = await readdir(join(root, 'compose'))
    await assert.rejects(vary(args, {}, root), (error) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.message, remedy)
      return true
    })
    assert.equal(await readFile(join(root, 'compose.yaml'), 'utf8'), before)
    assert.deepEqual(await readdir(join(root, 'compose')), files)
  })
}

test('the same group a second time, or where the checkout is read-only, is refused with the remedy', async () => {
  const root = await copyOfTheKit()
  await vary(['pooled', 'DB_POOL_MAX=1,5'], {}, root)
  await assert.rejects(
    vary(['pooled', 'DB_POOL_MAX=2,5'], {}, root),
    /is there. Edit it, or remove/,
  )
  const env = { SAMEHOST_TESTBED: 'compose' }
  await assert.rejects(vary(['pooled', 'A=1,2'], env, root), /npm run bench -- vary/)
})

test('a compose file without a list of included files is refused, and nothing is written', async () => {
  const root = await copyOfTheKit()
  const [first = ''] = (await readFile(join(root, 'compose.yaml'), 'utf8')).split('\n---\n')
  await writeFile(join(root, 'compose.yaml'), first)
  await assert.rejects(vary(['pooled', 'DB_POOL_MAX=1,2'], {}, root), /git checkout compose.yaml/)
})
