import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandom } from '../load/random.ts'
import type { Configuration } from '../measurement/run.ts'
import { limitsAt, PILOT } from './hosts.ts'
import { estimatedMs, planRun, schedule, trialSeed, stepsOf } from './plan.ts'
import { PROFILES } from './profiles.ts'

const ARMS = ['a', 'b', 'c']

test('each round is a block of its own order: every arm comes first, and last, about as often', () => {
  const rounds = 3000
  const planned = schedule(ARMS, rounds, createRandom(1))
  for (const arm of ARMS) {
    const own = planned.filter((trial) => trial.arm === arm)
    assert.deepEqual(
      own.map(({ order }) => Math.floor(order / ARMS.length)),
      own.map(({ index }) => index),
    )
    for (const place of [0, 1, 2]) {
      const share = own.filter(({ order }) => order % ARMS.length === place).length / rounds
      assert.ok(Math.abs(share - 1 / 3) < 0.04, `${arm} at ${place}: ${share}`)
    }
  }
})

test('no two trials of a run have the same load seed, and it follows from the run’s', () => {
  const seeds = Array.from({ length: 1000 }, (_, order) => trialSeed(7, order))
  assert.equal(new Set(seeds).size, 1000)
  assert.equal(trialSeed(7, 3), seeds[3])
  assert.ok(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
})

test('the seed alone decides the order', () => {
  const order = (seed: number) => schedule(ARMS, 3, createRandom(seed)).map((trial) => trial.arm)
  assert.deepEqual(order(7), order(7))
  const orders = new Set(Array.from({ length: 50 }, (_, seed) => order(seed).join('')))
  assert.equal(orders.size > 6, true, 'different seeds give different orders')
})

test('each arm has each of its trials once, in order', () => {
  const planned = schedule(ARMS, 2, createRandom(1))
  assert.deepEqual(
    planned.map((trial) => trial.order),
    [0, 1, 2, 3, 4, 5],
  )
  for (const arm of ARMS) {
    const indexes = planned.filter((trial) => trial.arm === arm).map((trial) => trial.index)
    assert.deepEqual(indexes, [0, 1])
  }
})

const { users, thinkMs, warmUpMs, warmUpMostMs, holdMs, holdMostMs, ...profile } = PROFILES.quick
const QUICK: Configuration = {
  profile: 'quick',
  arms: ARMS.map((name) => ({ name, mode: null })),
  users: [...users],
  thinkMs,
  warmUpS: warmUpMs / 1000,
  warmUpMostS: warmUpMostMs / 1000,
  holdS: holdMs / 1000,
  holdMostS: holdMostMs / 1000,
  timeoutMs: 10_000,
  trials: profile.trials,
  seed: 1,
  thresholdMs: 100,
  thresholdOn: 'mean',
  stepsPerTrial: 1,
  rampFactor: 5,
  startS: profile.startMs / 1000,
  maxProbes: profile.maxProbes,
  search: true,
}

test('the quick profile is said to take ten minutes or less for five trials of three arms', () => {
  const { trials } = planRun(QUICK, createRandom(1))
  assert.equal(trials.length, 15)
  const ms = estimatedMs(QUICK, trials.length)
  assert.ok(ms <= 600_000, `${ms / 1000} s`)
})

test('a pilot before each trial takes its time too', () => {
  const fit = {
    from: 'arm',
    arm: 'a',
    ceilingPerS: 100,
    yardstickMs: 3,
    yardstickSpeed: null,
    eachTrial: true,
  } as const
  const hosts = { kind: 'studied', ...limitsAt(0.14), fit } as const
  const more = estimatedMs({ ...QUICK, hosts }, 9) - estimatedMs(QUICK, 9)
  assert.ok(more / 9 >= PILOT.startMs + PILOT.warmUpMs + PILOT.holdMs, `${more} ms`)
})

test('the trials of an arm take the steps in turn, each step as often as the others', () => {
  const ramp = { users: [20, 40, 50, 60, 70], stepsPerTrial: 1 }
  const taken = [0, 1, 2, 3, 4].flatMap((index) => stepsOf(ramp, index))
  assert.deepEqual(
    taken.toSorted((a, b) => a - b),
    ramp.users,
  )
  for (const stepsPerTrial of [2, 3, 4])
    for (const steps of [ramp.users, [1, 2, 3, 4], [1, 2, 3, 4, 5, 6]]) {
      const all = steps.flatMap((_, index) => stepsOf({ users: steps, stepsPerTrial }, index))
      for (const step of steps) {
        const times = all.filter((one) => one === step).length
        const wanted = Math.min(stepsPerTrial, steps.length)
        assert.equal(times, wanted, `${step} of ${steps.length} steps by ${stepsPerTrial}`)
      }
    }
})

test('the first trial begins at no end of the ramp; without a spread each takes all', () => {
  assert.deepEqual(stepsOf({ users: [20, 40, 50, 60, 70], stepsPerTrial: 1 }, 0), [40])
  assert.deepEqual(stepsOf({ users: [20, 40] }, 3), [20, 40])
})
