import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

type Manifest = { dependencies: Record<string, string> }
type Lock = { packages: Record<string, { version?: string; integrity?: string }> }

const read = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))

test('the image has the very versions that the kit is tested with', () => {
  const { dependencies } = read('./package.json') as Manifest
  const kit = (read('../../package.json') as Manifest).dependencies
  assert.deepEqual(
    dependencies,
    Object.fromEntries(Object.keys(dependencies).map((name) => [name, kit[name]])),
  )
})

test('and so has all that they depend on', () => {
  const kit = (read('../../package-lock.json') as Lock).packages
  for (const [path, { version, integrity }] of Object.entries(
    (read('./package-lock.json') as Lock).packages,
  )) {
    if (path === '') continue
    assert.deepEqual(
      { path, version, integrity },
      { path, version: kit[path]?.version, integrity: kit[path]?.integrity },
    )
  }
})
