import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { STUDY } from '../study/study.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))

/** What npm put beside the sources. */
const INSTALLED = ['**/node_modules/**']

type Layer = Readonly<{ name: string; mayImport: readonly string[] }>
type Import = Readonly<{ file: string; target: string }>

/** The table of ARCHITECTURE.md, from the top layer down. */
async function readLayers(): Promise<Layer[]> {
  const page = await readFile(join(ROOT, 'ARCHITECTURE.md'), 'utf8')
  const [, section = ''] = page.split('## Layers of the runner\n')
  const [text = ''] = section.split('\n## ')
  return text.split('\n').flatMap((line) => {
    const [, name, , allowed = ''] = /^\| `([\w.]+)`\s*\|(.*)\|(.*)\|$/.exec(line) ?? []
    const mayImport = [...allowed.matchAll(/`([\w.]+)`/g)].map(([, layer = '']) => layer)
    return name === undefined ? [] : [{ name, mayImport }]
  })
}

/** What each file imports, types and `import()` included: a path from the root, or the name of a module. */
async function imports(...patterns: string[]): Promise<Import[]> {
  const files = await Array.fromAsync(glob(patterns, { cwd: ROOT, exclude: INSTALLED }))
  const found = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(ROOT, file), 'utf8')
      return [...source.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^']+)'/g)].map(
        ([, to = '']) => ({ file, target: to.startsWith('.') ? join(dirname(file), to) : to }),
      )
    }),
  )
  return found.flat()
}

/** The layer of a path under runner/: its first folder, or its name. */
const layerOf = (path: string): string => (path.split('/')[1] ?? '').replace('.test.ts', '.ts')
const isTest = (file: string): boolean => file.endsWith('.test.ts')
const shown = ({ file, target }: Import): string => `${file} imports ${target}`

const layers = await readLayers()
const runner = await imports('runner/**/*.ts')
const inRunner = runner.filter(({ target }) => target.startsWith('runner/'))
const between = inRunner.filter(({ file, target }) => layerOf(file) !== layerOf(target))

test('every layer of the runner is in the table, and none that is gone', async () => {
  const files = await Array.fromAsync(glob('runner/**/*.ts', { cwd: ROOT, exclude: INSTALLED }))
  const named = layers.map(({ name }) => name)
  assert.deepEqual([...new Set(files.map(layerOf))].toSorted(), named.toSorted())
})

test('a layer names only layers below it, so that there is no circle', () => {
  const upwards = layers.flatMap(({ name, mayImport }, at) => {
    const below = new Set(layers.slice(at + 1).map((layer) => layer.name))
    return mayImport.filter((other) => !below.has(other)).map((other) => `${name}: ${other}`)
  })
  assert.deepEqual(upwards, [])
})

test('the runner imports by its layers', () => {
  const allowed = new Map(layers.map(({ name, mayImport }) => [name, mayImport]))
  const order = layers.map(({ name }) => name)
  const wrong = between.filter(({ file, target }) => {
    const [from, to] = [layerOf(file), layerOf(target)]
    // A test may use any layer below its own, to make what it tests.
    if (isTest(file)) return order.indexOf(to) < order.indexOf(from)
    return !allowed.get(from)?.includes(to)
  })
  assert.deepEqual(wrong.map(shown), [])
})

test('the table allows nothing that no file needs', () => {
  const used = new Set(
    between
      .filter(({ file }) => !isTest(file))
      .map(({ file, target }) => `${layerOf(file)}: ${layerOf(target)}`),
  )
  const unused = layers.flatMap(({ name, mayImport }) =>
    mayImport.map((other) => `${name}: ${other}`).filter((pair) => !used.has(pair)),
  )
  assert.deepEqual(unused, [])
})

test('the runner imports nothing from services, scenarios, study, scripts or test; its tests only fixtures', () => {
  const outside = runner.filter(
    ({ file, target }) =>
      /^(services|scenarios|study|scripts|test)\//.test(target) &&
      !(isTest(file) && target.startsWith('test/fixtures/')),
  )
  assert.deepEqual(outside.map(shown), [])
})

/** Where the word of the study stands: the help of options, and a field of run.json that is older than studies. */
const NAMES_IT = ['runner/measurement/verdict.ts', 'runner/plan/options.ts']

test('no file of the runner names the study, but for the words that users know', async () => {
  const files = await Array.fromAsync(
    glob('runner/**/*.{ts,js,sh}', { cwd: ROOT, exclude: INSTALLED }),
  )
  const word = new RegExp(`\\b${STUDY.id}s?\\b`, 'i')
  const naming = await Promise.all(
    files.map(async (file) => (word.test(await readFile(join(ROOT, file), 'utf8')) ? [file] : [])),
  )
  assert.deepEqual(naming.flat().toSorted(), NAMES_IT)
})

test('the study imports types and pure functions of the runner, and its own reader', async () => {
  const pure = new Set(['measurement', 'analysis', 'report', 'plan', 'study.ts'])
  const other = (await imports('study/**/*.ts')).filter(
    ({ target }) =>
      target.includes('/') &&
      !target.startsWith('study/') &&
      !target.startsWith('test/fixtures/') &&
      !(target.startsWith('runner/') && pure.has(layerOf(target))) &&
      !target.startsWith('node:'),
  )
  assert.deepEqual(other.map(shown), [])
})

test('a service or a scenario imports nothing from outside of its folder', async () => {
  const ours = await imports('{services,scenarios}/*/**/*.ts')
  const outside = ours.filter(
    ({ file, target }) =>
      target.includes('/') &&
      /^(runner|scripts|services|scenarios|study|test)\//.test(target) &&
      target.split('/').slice(0, 2).join('/') !== file.split('/').slice(0, 2).join('/'),
  )
  assert.deepEqual(outside.map(shown), [])
})

/** Modules of Node that touch nothing outside of the process. */
const HARMLESS = new Set(['node:util', 'node:path', 'node:assert/strict', 'node:test'])

test('plan, analysis, report, measurement and contract read no file, clock or network', () => {
  const pure = new Set(['plan', 'analysis', 'report', 'measurement', 'contract'])
  const impure = runner.filter(
    ({ file, target }) =>
      pure.has(layerOf(file)) &&
      !isTest(file) &&
      (target === 'pg' || (target.startsWith('node:') && !HARMLESS.has(target))),
  )
  assert.deepEqual(impure.map(shown), [])
})
