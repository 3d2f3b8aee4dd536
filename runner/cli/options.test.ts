import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STUDY } from '../../test/fixtures/simulated-run.ts'
import { RUN_OPTIONS } from '../plan/options.ts'
import { help } from './help.ts'
import { readRunOptions, type RunOptions } from './options.ts'

const accepted = (args: string, env = {}): RunOptions => {
  const options = readRunOptions(args.split(' ').filter(Boolean), env, STUDY)
  assert.ok('profile' in options, `refused: ${JSON.stringify(options)}`)
  return options
}
const refused = (args: string | string[]): string => {
  const faults = readRunOptions(typeof args === 'string' ? args.split(' ') : args, {}, STUDY)
  assert.ok(!('profile' in faults), 'accepted')
  return faults.join('\n')
}

test('without arguments it is the quick profile', () => {
  const { profile, users, stepsPerTrial, thinkMs, search, thresholdMs } = accepted('')
  assert.deepEqual(
    { profile, users, stepsPerTrial, thinkMs, search, thresholdMs },
    {
      profile: 'quick',
      users: [20, 40, 50, 60, 70],
      stepsPerTrial: 1,
      thinkMs: { min: 250, max: 500 },
      search: true,
      thresholdMs: 100,
    },
  )
})

test('PROFILE names the profile where no option does', () => {
  assert.equal(accepted('', { PROFILE: 'smoke' }).profile, 'smoke')
  assert.equal(accepted('--profile standard', { PROFILE: 'smoke' }).profile, 'standard')
  assert.equal(accepted('', { PROFILE: '' }).profile, 'quick')
})

test('a study has a word for its hosts and profiles of its own; without it neither is known', () => {
  const [profile = ''] = Object.keys(STUDY.profiles)
  const args = ['--profile', profile, '--hosts', STUDY.id]
  const options = readRunOptions(args, {}, STUDY)
  assert.ok('profile' in options)
  assert.deepEqual(options.users, STUDY.profiles[profile]?.users)
  assert.deepEqual(options.hosts, { kind: 'studied', study: STUDY })
  const faults = readRunOptions(args, {}, null)
  assert.ok(!('profile' in faults))
  assert.match(faults[0] ?? '', /there is smoke, quick, standard, probe\.$/)
  assert.match(faults[1] ?? '', /there is pinned, fit, or a speed/)
})

test('every option overrides its profile', () => {
  const options = accepted(
    '--users 1,2 --think 0ms..1s --warm-up 0s --hold 2s --trials 3 --seed 9 --threshold 50ms ' +
      '--no-search --arms a,b --threshold-on p95 --timeout 2s --check --verbose',
  )
  assert.deepEqual(options.users, [1, 2])
  assert.deepEqual(options.thinkMs, { min: 0, max: 1_000 })
  assert.deepEqual([options.warmUpMs, options.holdMs, options.timeoutMs], [0, 2_000, 2_000])
  assert.deepEqual([options.trials, options.seed, options.thresholdMs], [3, 9, 50])
  assert.deepEqual([options.search, options.thresholdOn], [false, 'p95'])
  assert.deepEqual([options.arms, options.check, options.print], [['a', 'b'], true, 'verbose'])
})

test('what is printed at the end is asked for once', () => {
  assert.equal(accepted('').print, 'brief')
  assert.deepEqual(
    ['--quiet', '--json'].map((words) => accepted(words).print),
    ['quiet', 'json'],
  )
  assert.match(refused('--quiet --json'), /--quiet and --json exclude each other/)
})

test('loaders raise the number of users that may be asked for', () => {
  assert.equal(accepted('').loaders, 1)
  const { loaders, users } = accepted('--loaders 4 --users 16000,40000')
  assert.deepEqual([loaders, users], [4, [16_000, 40_000]])
  assert.match(refused('--users 16000'), /from 1 to 10000/)
  assert.match(refused('--loaders 0'), /from 1 to 64/)
})

test('a window is that of a target, of db or of nginx, and names a container', () => {
  const target = '--target mine=http://10.0.0.2:8080'
  const { stats } = accepted(`${target} --stats mine=http://10.0.0.2:9323/app`)
  assert.deepEqual(stats, [{ name: 'mine', url: 'http://10.0.0.2:9323/app' }])
  const fault = (given: string): string => refused(`${target} --stats ${given}`)
  assert.match(fault('mine=http://10.0.0.2:9323'), /write NAME=http:\/\/HOST:9323\/CONTAINER/)
  assert.match(fault('other=http://10.0.0.2:9323/x'), /no such target\. There is mine, db, nginx/)
  assert.match(fault('db=http://h:1/x --stats db=http://h:1/y'), /have the same name/)
  assert.match(refused('--stats db=http://10.0.0.3:9323/db'), /--stats goes with --target/)
})

test('a precision takes trials up to a most, and no number of trials beside it', () => {
  const { precision, trials, seed } = accepted('--precision 5% --max-trials 8')
  assert.deepEqual([precision, trials, seed], [0.05, 8, null])
  assert.equal(accepted('--precision 2.5%').trials, 12)
  assert.match(refused('--precision 5'), /such as 5%/)
  assert.match(refused('--precision 5% --trials 3'), /--max-trials/)
  assert.match(refused('--max-trials 8'), /goes with --precision/)
})

test('a warm-up or a hold that is given is fixed; else it grows as the profile says', () => {
  const fixed = accepted('--hold 5s --warm-up 1s')
  assert.deepEqual([fixed.holdMostMs, fixed.warmUpMostMs], [0, 0])
  const grows = accepted('')
  assert.ok(grows.holdMostMs > grows.holdMs && grows.warmUpMostMs > grows.warmUpMs)
})

test('all faults are reported at once, each with its remedy', () => {
  const faults = refused('--users 70,40 --hold 5 --trials x --profile slow --colour extra')
  for (const pattern of [
    /--users 70,40: the numbers must rise/,
    /--hold 5: a duration needs its unit/,
    /--trials x: a whole number from 1/,
    /--profile slow: there is smoke, quick, standard, probe, \w+\./,
    /no option --colour/,
    /"extra" is not an option/,
  ]) {
    assert.match(faults, pattern)
  }
})

test('an option without its value is refused, not taken for the next one', () => {
  assert.match(refused('--out --check'), /--out needs a value/)
})

test('a target needs a name and an http URL; two of the same name are refused', () => {
  assert.deepEqual(accepted('--target mine=http://127.0.0.1:9000/').targets, [
    { name: 'mine', url: 'http://127.0.0.1:9000' },
  ])
  assert.match(refused('--target http://127.0.0.1'), /write NAME=http/)
  assert.match(refused('--target a=ftp://x'), /write a=http/)
  assert.match(refused('--target a=http://x?k=v'), /a query \(\?\).*write a=http:\/\/x\//)
  assert.match(refused('--target a=http://x --target a=http://y'), /same name/)
  const secret = refused('--target a=http://me:hunter2@x?k=v --database-url me:hunter2@y/z')
  assert.ok(!secret.includes('hunter2'), secret)
})

test('a name that run.json cannot hold is refused before the start, with the limit', () => {
  const [most, long] = ['a'.repeat(64), 'a'.repeat(65)]
  assert.equal(accepted(`--target ${most}=http://x`).targets[0]?.name, most)
  const fault = /a name has at most 64 letters, and a{65} has 65/
  assert.match(refused(`--target ${long}=http://x`), fault)
  assert.match(refused(`--arms pooled,${long}`), fault)
})

test('what would be ignored is refused: a database URL without a target, arms beside targets', () => {
  assert.match(refused('--database-url postgres://x/y'), /goes with --target/)
  assert.match(refused('--arms a --target b=http://x'), /exclude each other/)
})

test('a switch takes no value, and an empty value is no value', () => {
  assert.match(refused('--check=true'), /--check=true: it takes no value/)
  assert.match(refused('--verbose=false'), /--verbose=false: it takes no value.*leave it out/)
  assert.match(refused('--search=false'), /Write --search, or --no-search/)
  assert.match(refused('--no-search=1'), /it takes no value/)
  assert.match(refused('--no-check'), /no option --no-check\. Did you mean --check/)
  for (const { name, value } of RUN_OPTIONS)
    if (value !== null) {
      assert.match(refused(`--${name}=`), new RegExp(`--${name} has an empty value`))
      assert.match(refused([`--${name}`, '']), new RegExp(`--${name} has an empty value`))
    }
})

test('a fault is said once, however often it was found', () => {
  for (const args of ['--think 500', '--users x,x', '--think x..x']) {
    const lines = refused(args).split('\n')
    assert.deepEqual(lines, [...new Set(lines)], args)
    assert.equal(lines.length, 1, args)
  }
})

test('a mistyped option names the nearest, and one that is like none names none', () => {
  assert.match(refused('--profle smoke'), /no option --profle\. Did you mean --profile\?/)
  assert.match(refused('--no-serach'), /Did you mean --no-search\?/)
  assert.doesNotMatch(refused('--quux'), /Did you mean/)
})

test('an option that stands twice is refused, a target is not', () => {
  assert.match(refused('--trials 1 --trials 3'), /--trials stands twice/)
  assert.match(refused('--search --no-search'), /--search stands twice/)
  assert.equal(accepted('--target a=http://x --target b=http://y').targets.length, 2)
})

test('what was given is known from what a profile decided', () => {
  assert.deepEqual(accepted('--trials 2 --no-search').given, ['trials', 'search'])
})

test('the help names every option and fits the screen', () => {
  for (const { name } of RUN_OPTIONS) assert.ok(help(100).includes(`--${name}`), name)
  for (const columns of [100, 200])
    for (const line of help(columns).split('\n')) assert.ok(line.length <= columns, line)
})
