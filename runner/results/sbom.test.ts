import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Ajv } from 'ajv'
import { KIT } from '../kit.ts'
import { readArms } from '../plan/arms.ts'
import { armFolders, writeSbom } from './sbom-file.ts'

/** The essentials of https://cyclonedx.org/schema/bom-1.5.schema.json. */
const COMPONENT = {
  type: 'object',
  required: ['type', 'name', 'bom-ref'],
  properties: {
    type: { enum: ['application', 'framework', 'library', 'container', 'platform', 'file'] },
    name: { type: 'string', minLength: 1 },
    version: { type: 'string' },
    purl: { type: 'string', pattern: '^pkg:npm/' },
    scope: { enum: ['required', 'optional', 'excluded'] },
    hashes: {
      type: 'array',
      items: {
        type: 'object',
        required: ['alg', 'content'],
        properties: {
          alg: { enum: ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] },
          content: {
            type: 'string',
            pattern: '^([a-f0-9]{40}|[a-f0-9]{64}|[a-f0-9]{96}|[a-f0-9]{128})$',
          },
        },
      },
    },
    components: { type: 'array', uniqueItems: true, items: { $ref: '#/definitions/component' } },
  },
}
const ESSENTIALS = {
  definitions: { component: COMPONENT },
  type: 'object',
  required: ['bomFormat', 'specVersion', 'serialNumber', 'version', 'metadata', 'components'],
  properties: {
    bomFormat: { const: 'CycloneDX' },
    specVersion: { const: '1.5' },
    serialNumber: {
      type: 'string',
      pattern: '^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
    },
    version: { type: 'integer', minimum: 1 },
    metadata: { type: 'object', required: ['timestamp', 'component'] },
    components: { type: 'array', uniqueItems: true, items: { $ref: '#/definitions/component' } },
    dependencies: {
      type: 'array',
      items: {
        type: 'object',
        required: ['ref'],
        properties: { dependsOn: { type: 'array', uniqueItems: true, items: { type: 'string' } } },
      },
    },
  },
}

type Part = { name: string; version: string; 'bom-ref': string; components?: Part[] }
type Whole = {
  metadata: { component: Part }
  components: Part[]
  dependencies: { ref: string; dependsOn?: string[] }[]
}

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sbom-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('sbom.json is CycloneDX, with the kit’s packages and those of each service under test', async (t) => {
  const folder = await folderFor(t)
  const arms = readArms(await readFile(`${KIT}compose.yaml`, 'utf8'))
  const folders = armFolders([{ name: 'pooled' }, { name: 'per-request' }, { name: 'floor' }], arms)
  assert.deepEqual(folders, ['services/commerce', 'services/floor'])
  const said: string[] = []
  await writeSbom(folder, KIT, folders, (text) => said.push(text))
  assert.deepEqual(said, [])
  const bom = JSON.parse(await readFile(join(folder, 'sbom.json'), 'utf8')) as Whole
  const validate = new Ajv({ strict: false }).compile(ESSENTIALS)
  assert.ok(validate(bom), JSON.stringify(validate.errors))

  const kit = JSON.parse(await readFile(`${KIT}package.json`, 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const [name, version] of Object.entries(kit.dependencies)) {
    const listed = bom.components.some((part) => part.name === name && part.version === version)
    assert.ok(listed, `${name} ${version}`)
  }
  const tools = bom.components.filter(({ name }) => ['knip', 'typescript'].includes(name))
  assert.deepEqual(tools, [], 'what the kit is developed with is no part of it')
  const service = bom.components.find((part) => part['bom-ref'].startsWith('services/commerce/'))
  assert.ok(service?.components?.some(({ name }) => name === 'hono'))

  const refs = [
    bom.metadata.component,
    ...bom.components.flatMap((part) => [part, ...(part.components ?? [])]),
  ].map((part) => part['bom-ref'])
  assert.equal(new Set(refs).size, refs.length, 'a reference is unique')
  const asked = bom.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn])
  assert.deepEqual(
    asked.filter((ref) => !refs.includes(ref)),
    [],
  )
})

test('an arm that is no Node service, or of unknown making, has no folder', () => {
  const arm = { mode: null, environment: {}, groups: [], entry: null, name: 'mine' }
  assert.deepEqual(armFolders([{ name: 'mine' }], [arm]), [])
})

test('without a lock file a run goes on without sbom.json, and is told why', async (t) => {
  const folder = await folderFor(t)
  const said: string[] = []
  await writeSbom(folder, folder, [], (text) => said.push(text))
  assert.match(said.join(), /^No sbom\.json: .*The run goes on without it\.$/)
  assert.deepEqual(await readdir(folder), [])
})
