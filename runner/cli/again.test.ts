import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { simulatedRun, STUDY } from '../../test/fixtures/simulated-run.ts'
import { readRunOptions } from './options.ts'
import type { Run } from '../measurement/run.ts'
import { againCommand, resumeCommand } from '../plan/options.ts'

const runOn = (
  testbed: Run['environment']['testbed'],
  changes: Partial<Run['configuration']> = {},
): Run => {
  const run = simulatedRun()
  return {
    ...run,
    environment: { ...run.environment, testbed },
    configuration: { ...run.configuration, ...changes },
  }
}

/** The words that a real shell makes of the command. */
const pasted = (command: string): string[] =>
  execFileSync('sh', ['-c', `set -f; for word in ${command}; do printf '%s\\0' "$word"; done`], {
    encoding: 'utf8',
  })
    .split('\0')
    .slice(0, -1)

test('the command that does a run again starts the testbed of the run', () => {
  assert.match(againCommand(runOn('embedded')), /^npm run bench -- --profile/)
  assert.match(
    againCommand(runOn('compose')),
    /^ARMS=pooled,persistent,per-request docker compose run --rm bench --profile/,
  )
  assert.match(
    againCommand(runOn('swarm')),
    /^ARMS=pooled,persistent,per-request scripts\/three-hosts\/run --profile/,
  )
})

test('pasted into a shell it asks for what the run did', () => {
  const { configuration } = runOn('embedded', { timeoutMs: 1500, thinkMs: { min: 0, max: 1000 } })
  const words = pasted(againCommand({ ...runOn('embedded'), configuration }))
  const options = readRunOptions(words.slice(words.indexOf('--') + 1), {}, null)
  assert.ok('profile' in options, JSON.stringify(options))
  assert.deepEqual(options.arms, ['pooled', 'persistent', 'per-request'])
  assert.deepEqual(options.thinkMs, { min: 0, max: 1000 })
  assert.deepEqual(options.users, configuration.users)
  assert.equal(options.timeoutMs, 1500)
  assert.equal(options.seed, configuration.seed)
  assert.equal(options.search, configuration.search)
  assert.equal(options.holdMs, configuration.holdS * 1000)
})

test('whether users sign in is said where it is not what the profile has', () => {
  const signIn = (changes: Partial<Run['configuration']>) =>
    pasted(againCommand(runOn('embedded', changes))).filter((word) => word.endsWith('sign-in'))
  assert.deepEqual(signIn({ signIn: true }), ['--sign-in'])
  assert.deepEqual(signIn({ profile: 'quick' }), [])
  assert.deepEqual(signIn({ profile: STUDY.id }), ['--no-sign-in'])
  const chosen = (...args: string[]) => {
    const options = readRunOptions(args, {}, STUDY)
    assert.ok('profile' in options, JSON.stringify(options))
    return options.signIn
  }
  assert.equal(chosen('--profile', 'quick'), false)
  assert.equal(chosen('--profile', 'quick', '--sign-in'), true)
  assert.equal(chosen('--profile', STUDY.id), true, 'as the experiment did')
  assert.equal(chosen('--profile', STUDY.id, '--no-sign-in'), false)
})

test('a remote run keeps its targets and its database, without a password', () => {
  const run = runOn('remote', {
    targets: [{ name: 'mine', url: "http://127.0.0.1:9000/it's&here" }],
    databaseUrl: 'postgres://role@127.0.0.1/shop',
    stats: [{ name: 'db', url: 'http://127.0.0.1:9323/shop-db' }],
    loaders: 2,
  })
  const words = pasted(againCommand(run))
  const options = readRunOptions(words.slice(words.indexOf('--') + 1), {}, null)
  assert.ok('profile' in options, JSON.stringify(options))
  assert.equal(options.arms, null)
  assert.deepEqual(options.targets, [{ name: 'mine', url: "http://127.0.0.1:9000/it's&here" }])
  assert.equal(options.databaseUrl, 'postgres://role@127.0.0.1/shop')
  assert.deepEqual(options.stats, [{ name: 'db', url: 'http://127.0.0.1:9323/shop-db' }])
  assert.equal(options.loaders, 2)
  const resumed = pasted(resumeCommand(run, "results/a b'$(c)"))
  assert.deepEqual(resumed.slice(4), [
    '--resume',
    "results/a b'$(c)",
    '--target',
    "mine=http://127.0.0.1:9000/it's&here",
    '--database-url',
    'postgres://role@127.0.0.1/shop',
    '--stats',
    'db=http://127.0.0.1:9323/shop-db',
  ])
})
