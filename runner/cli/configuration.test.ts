import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SHOP } from '../../test/fixtures/shop.ts'
import type { Arm } from '../plan/arms.ts'
import { configurationOf } from './configuration.ts'
import { readRunOptions } from './options.ts'

const arm: Arm = { name: 'mine', mode: null, entry: null, environment: {}, groups: ['reference'] }

/** What the quick profile becomes with these arguments. */
function configuration(...args: string[]) {
  const options = readRunOptions(args, {}, null)
  assert.ok('profile' in options)
  return configurationOf(options, { arms: [arm], containerOnly: [], scenario: SHOP })
}

test('the trials of a run take the steps of its profile in turn, and no trial repeats its first', () => {
  const { users, stepsPerTrial, trials, control } = configuration()
  assert.deepEqual([stepsPerTrial, trials, control], [1, users.length, undefined])
})

test('fewer trials take more steps each, one takes all', () => {
  assert.equal(configuration('--trials', '3').stepsPerTrial, 2)
  assert.deepEqual(
    ['stepsPerTrial', 'control'].map((name) => name in configuration('--trials', '1')),
    [false, true],
  )
})

test('a ramp that is given, or one without a search behind it, is taken whole by each trial', () => {
  for (const args of [['--users', '20,40,50'], ['--no-search']])
    assert.equal('stepsPerTrial' in configuration(...args), false, args.join(' '))
})
