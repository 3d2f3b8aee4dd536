import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takenByNpm } from './npm.ts'

const by = (settings: Readonly<Record<string, string>>) => ({
  npm_lifecycle_event: 'bench',
  // What npm itself hands on.
  npm_config_loglevel: 'verbose',
  npm_config_nodedir: '/usr',
  ...Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`npm_config_${name}`, value]),
  ),
})

/** Of `npm run bench …` by npm 11: what arrives as words, what as variables, and what must be typed. */
const TAKEN = [
  [[], { profile: 'smoke' }, 'npm run bench -- --profile smoke'],
  [['smoke'], { profile: 'true' }, 'npm run bench -- --profile smoke'],
  [['a', 'b'], { users: 'true', out: 'true' }, 'npm run bench -- --users 40,50,60 --out DIR'],
  [[], { search: '', check: 'true', warm_up: '2s' }, '--warm-up 2s --no-search --check'],
  [['--users', '5,10'], { hosts: '0.1' }, 'npm run bench -- --hosts 0.1 --users 5,10'],
  [['one=http://x'], { target: 'true' }, 'npm run bench -- --target one=http://x'],
  [[], { target: "mine=http://it's" }, String.raw`--target 'mine=http://it'\''s'`],
] as const satisfies readonly (readonly [readonly string[], Record<string, string>, string])[]

for (const [args, settings, line] of TAKEN) {
  test(`npm took ${Object.keys(settings).join(', ')}: ${line}`, () => {
    assert.ok(takenByNpm(args, by(settings))?.includes(`${line}\`.`))
  })
}

test('what npm has for itself, and another script or program, is no option of the runner', () => {
  assert.equal(takenByNpm(['--users', '5'], by({})), null)
  assert.equal(takenByNpm([], by({ target: '30.0.1' })), null)
  assert.equal(takenByNpm([], { ...by({ profile: 'smoke' }), npm_lifecycle_event: 'test' }), null)
  assert.equal(takenByNpm([], { npm_config_profile: 'smoke' }), null)
})

test('what a file of npm sets is no option that npm took', () => {
  const env = by({ timeout: '60000', userconfig: '/home/.npmrc', local_prefix: '/kit' })
  const files = (own: string) => (path: string) => (path === '/home/.npmrc' ? own : '')
  assert.equal(takenByNpm([], env, files('registry=x\ntimeout = 60000\n')), null)
  assert.match(takenByNpm([], env, files('; timeout=60000\nfetch-timeout=1\n')) ?? '', /--timeout/)
  assert.equal(
    takenByNpm([], env, (path) => (path === '/kit/.npmrc' ? 'timeout=1' : '')),
    null,
  )
})
