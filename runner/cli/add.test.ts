import assert from 'node:assert/strict'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { check, resolveConfig } from 'prettier'
import { parseAllDocuments } from 'yaml'
import { STUDY } from '../../test/fixtures/simulated-run.ts'
import { KIT } from '../kit.ts'
import { readArms } from '../plan/arms.ts'
import { add } from './add.ts'
import { UsageError } from './options.ts'

const copies: string[] = []
after(async () => {
  for (const copy of copies) await rm(copy, { recursive: true })
})

async function copyOfTheKit(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'add-'))
  copies.push(copy)
  await cp(join(KIT, 'compose.yaml'), join(copy, 'compose.yaml'))
  await cp(join(KIT, 'compose'), join(copy, 'compose'), { recursive: true })
  await mkdir(join(copy, 'services', 'commerce'), { recursive: true })
  return copy
}

const composeOf = (root: string): Promise<string> => readFile(join(root, 'compose.yaml'), 'utf8')

test('an added arm is an arm, is known to the front door, and is not in the default plan', async () => {
  const root = await copyOfTheKit()
  assert.equal(await add(['mine-pooled'], {}, root), 0)
  const text = await composeOf(root)
  const arm = readArms(text).find(({ name }) => name === 'mine-pooled')
  assert.equal(arm?.mode, 'pooled')
  assert.deepEqual(arm.groups, [])
  assert.equal(arm.environment['DB_PASSWORD_FILE'], '/run/samehost/password')
  const [{ services }] = parseAllDocuments(text, { merge: true }).map(
    (document) => document.toJS() as unknown,
  ) as [
    {
      services: Record<
        string,
        { environment: { ARMS: string }; profiles?: string[]; depends_on: Record<string, unknown> }
      >
    },
  ]
  assert.ok(services['nginx']?.environment.ARMS.split(/\s+/).includes('mine-pooled'))
  const awaited = { condition: 'service_started', required: false }
  assert.deepEqual(services['nginx']?.depends_on['mine-pooled'], awaited)
  assert.deepEqual(services['mine-pooled']?.profiles, ['mine-pooled'])
  const files = await readdir(join(root, 'services', 'mine-pooled'))
  assert.deepEqual(files.toSorted(), ['Dockerfile', 'README.md'])
})

test('the health check of an added arm is that of the others, by bash, which slim images have', async () => {
  const root = await copyOfTheKit()
  await add(['mine'], {}, root)
  const [document] = parseAllDocuments(await composeOf(root), { merge: true })
  assert.ok(document)
  const { services } = document.toJS() as { services: Record<string, { healthcheck: unknown }> }
  assert.deepEqual(services['mine']?.healthcheck, services['pooled']?.healthcheck)
})

test('every line of compose.yaml stays as it was, and two arms can be added', async () => {
  const root = await copyOfTheKit()
  const before = (await composeOf(root)).split('\n')
  await add(['mine'], {}, root)
  await add(['yours'], {}, root)
  const lines = (await composeOf(root)).split('\n')
  let at = 0
  for (const line of before) at = lines.indexOf(line, at) + 1 || assert.fail(`lost: ${line}`)
  const names = readArms(lines.join('\n')).map(({ name }) => name)
  assert.deepEqual(names.slice(-2), ['mine', 'yours'])
})

test('what is written is formatted as the kit is', async () => {
  const root = await copyOfTheKit()
  await add(['mine-pooled'], {}, root)
  for (const file of ['compose.yaml', 'services/mine-pooled/README.md']) {
    const options = { ...(await resolveConfig(join(KIT, file))), filepath: file }
    assert.ok(await check(await readFile(join(root, file), 'utf8'), options), file)
  }
})

for (const [what, args, remedy] of [
  ['no name', [], /give one name/],
  ['two names', ['mine', 'yours'], /give one name/],
  ['a capital', ['Mine'], /give one name/],
  ['a path', ['../mine'], /give one name/],
  ['a digit first', ['1st'], /give one name/],
  ['a dash last', ['mine-'], /give one name/],
  ['41 letters', ['a'.repeat(41)], /give one name/],
  ['what an older YAML reads as a truth value', ['on'], /give one name/],
  ['an arm that exists', ['pooled'], /has a service of that name/],
  ['a service that is no arm', ['db'], /has a service of that name/],
  ['the group that is measured by default', ['reference'], /a group of arms has that name/],
  ['the group of the study', [STUDY.id], /a group of arms has that name/],
  ['a group in an included file', ['pool-size'], /a group of arms has that name/],
  ['a folder that exists', ['commerce'], /services\/commerce is there/],
] as const) {
  test(`${what} is refused, and nothing is written`, async () => {
    const root = await copyOfTheKit()
    const before = await composeOf(root)
    await assert.rejects(add(args, {}, root), (error) => {
      assert.ok(error instanceof UsageError)
      assert.match(error.message, remedy)
      return true
    })
    assert.equal(await composeOf(root), before)
    assert.deepEqual(await readdir(join(root, 'services')), ['commerce'])
  })
}

test('in the container, whose checkout is read-only, it says where it can be run', async () => {
  const root = await copyOfTheKit()
  const env = { SAMEHOST_TESTBED: 'compose' }
  await assert.rejects(add(['mine'], env, root), /npm run bench -- add/)
})

test('a compose file without the list of the front door is refused, and nothing is written', async () => {
  const root = await copyOfTheKit()
  const without = (await composeOf(root)).replace('ARMS: >-', 'OTHERS: >-')
  await writeFile(join(root, 'compose.yaml'), without)
  await assert.rejects(add(['mine'], {}, root), /git checkout compose.yaml/)
  assert.deepEqual(await readdir(join(root, 'services')), ['commerce'])
})
