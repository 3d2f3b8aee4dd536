import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { descriptorWarning } from './descriptors.ts'

test('users that do not fit are reported with the remedy, those that fit are not', () => {
  assert.equal(descriptorWarning(900, 1_024), null)
  assert.equal(descriptorWarning(10_000, null), null)
  assert.match(
    descriptorWarning(1_200, 1_024) ?? '',
    /1200 users need 1264 open files, and the limit is 1024: .*`ulimit -n 1264`/,
  )
})

test('a process knows its own limit: the hard one, to which Node raises the soft one', () => {
  const script = `
    const { descriptorWarning } = await import(${JSON.stringify(new URL('descriptors.ts', import.meta.url).href)})
    console.log(descriptorWarning(5_000))`
  const said = execFileSync(
    'bash',
    [
      '-c',
      'ulimit -n 300; ulimit -Sn 100; exec "$0" --input-type=module -e "$1"',
      process.execPath,
      script,
    ],
    { encoding: 'utf8' },
  )
  assert.match(said, /the limit is 300/)
})
