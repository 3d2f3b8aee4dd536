import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normal } from '../../test/fixtures/random.ts'
import { STUDY } from '../../test/fixtures/simulated-run.ts'
import { createRandom } from '../load/random.ts'
import {
  fitSpeed,
  hostsText,
  limitsAt,
  parseHosts,
  pilotsAgree,
  type PilotCeiling,
  poolAmong,
  rampFactorOf,
  scaledRamp,
  speedByPilots,
} from './hosts.ts'
import { CROSSING, PROFILES } from './profiles.ts'

test('the hosts that fit leave the kit its core, and are never faster than pinned', () => {
  for (const cores of [1, 2, 3, 4, 8, 64]) {
    const speed = fitSpeed(cores)
    assert.ok(speed > 0 && speed <= 1, `${cores} cores: ${speed}`)
    if (cores >= 2) assert.ok(3 * speed + 0.8 <= cores + 1e-9, `${cores} cores: ${speed}`)
  }
  assert.equal(fitSpeed(2), 0.4)
  assert.equal(fitSpeed(8), 1)
})

test('a speed that the machine does not have is refused with what is possible', () => {
  assert.deepEqual(parseHosts(STUDY.id, 2, STUDY), { kind: 'studied', study: STUDY })
  assert.deepEqual(parseHosts('.5', 2, null), { kind: 'speed', speed: 0.5 })
  assert.deepEqual(parseHosts('1', 2, null), { kind: 'speed', speed: 1 })
  for (const text of ['0', '-1', '1.01', 'fast', '', 'NaN', '1e9', '0x1', '0.001', '1,5'])
    assert.match(
      JSON.stringify(parseHosts(text, 2, null)),
      /pinned, fit, or a speed from 0.01 to 1 /,
      text,
    )
})

test('a quota is never shorter than the kernel allows', () => {
  for (const speed of [0.01, 0.02, 0.07, 0.1, 0.26, 1]) {
    const { appCores, dbCores, periodUs } = limitsAt(speed)
    assert.ok(appCores * periodUs >= 999, `${speed}: ${appCores * periodUs} us`)
    assert.equal(dbCores, 2 * appCores)
  }
})

test('an arm that crosses where a ramp is to has it as it is; one ten times as fast ten times its users', () => {
  const setting = { thresholdMs: 100, thinkMs: { min: 500, max: 500 } }
  const ramp = [20, 40, 60, 80]
  const perS = CROSSING / 0.6
  assert.deepEqual(scaledRamp(ramp, rampFactorOf(perS, setting)), ramp)
  assert.deepEqual(scaledRamp(ramp, rampFactorOf(10.03 * perS, setting)), [200, 400, 600, 800])
  assert.deepEqual(scaledRamp(ramp, rampFactorOf(0.015 * perS, setting)), [1, 2, 3, 4])
})

test('by Little’s law that step is where the arm crosses, whatever the think time', () => {
  const setting = { thresholdMs: 200, thinkMs: { min: 0, max: 2000 } }
  const [, , third = 0] = scaledRamp([20, 40, CROSSING, 80], rampFactorOf(490, setting))
  assert.equal(third, 490 * (0.2 + 1))
})

test('of the default ramp two steps lie below the crossing of the pool, one at it, two past it', () => {
  const over = PROFILES.quick.users.map((users) => users / CROSSING)
  assert.equal(over.filter((share) => share < 0.95).length, 2)
  assert.equal(over.filter((share) => share >= 0.95 && share <= 1.05).length, 1)
  // The last is far enough past it to need no probe there: see OVERLOAD of the search.
  assert.ok((over.at(-1) ?? 0) >= 4 / 3)
})

test('of several pools the middle one scales the ramp, never a client for each request behind a pooler', () => {
  const modes = new Map([
    ['pooled', 'pooled'],
    ['per-request', 'per-request'],
  ] as const)
  const arm = (name: string, from: string, mode: 'pooled' | 'per-request' = 'pooled') => {
    return { name, mode, from }
  }
  const sizes = ['1', '5', '20'].map((size) => arm(`size-${size}`, 'pooled'))
  assert.equal(poolAmong(sizes, modes), 'size-5')
  const pooler = [
    arm('none-per-request', 'per-request', 'per-request'),
    arm('session-per-request', 'per-request'),
    arm('transaction-per-request', 'per-request'),
    arm('none-pooled', 'pooled'),
    arm('session-pooled', 'pooled'),
  ]
  assert.equal(poolAmong(pooler, modes), 'session-pooled')
  assert.equal(poolAmong(pooler.slice(0, 3), modes), 'transaction-per-request')
  assert.equal(poolAmong(pooler.slice(0, 1), modes), 'none-per-request')
})

/** On a machine of two cores, of an arm that is to serve 100 requests/s. */
const speedBy = (pilots: readonly PilotCeiling[]) => speedByPilots(pilots, 1, 100)

test('the speed is what the last three pilots say: a core that is worth less gets the hosts more of it', () => {
  const even = { speed: 0.14, ceilingPerS: 100 }
  assert.equal(speedBy([even]), 0.14)
  const slower = { speed: 0.14, ceilingPerS: 70 }
  assert.equal(speedBy([even, slower, slower, slower]), 0.2)
  const between = speedBy([even, even, slower])
  assert.ok(between > 0.14 && between < 0.2, `${between}`)
  assert.equal(speedBy([{ speed: 1, ceilingPerS: 20 }]), 1, 'no more than there is')
  const stalled = { speed: 0.14, ceilingPerS: 1 }
  assert.equal(speedBy([even, stalled, even]), 0.14, 'one that stood still tells nothing')
  assert.equal(speedBy([stalled, even]), 0.14)
})

// A core's worth in requests/s: it drifts over the run and goes to and fro within it, as seen in the
// runs of record on fitted hosts, b and c.
test('simulated: pilots before each trial, one speed a round: two runs have more nearly the same hosts', () => {
  const uniform = createRandom(7)
  const random = () => normal(uniform)
  const apart = (eachTrial: boolean): number => {
    const squares = Array.from({ length: 400 }, () => {
      const [a, b] = [hostOfRun(random, eachTrial), hostOfRun(random, eachTrial)]
      return Math.log(a / b) ** 2
    })
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length)
  }
  const [once, each] = [apart(false), apart(true)]
  assert.ok(once > 0.2, `one pilot: ${once}`)
  assert.ok(each < once / 2, `a pilot before each trial: ${each}, one pilot: ${once}`)
})

/** What the host of a run serves at most, on average over its nine trials. */
function hostOfRun(random: () => number, eachTrial: boolean): number {
  const pilots: PilotCeiling[] = []
  let drift = 0.1 * random()
  const perCore = () => 700 * Math.exp(drift + 0.12 * random())
  const pilot = (speed: number) => pilots.push({ speed, ceilingPerS: speed * perCore() })
  pilot(0.14)
  let speed = 0.14
  const served = Array.from({ length: 9 }, (_, order) => {
    drift += 0.06 * random()
    if (eachTrial) pilot(speedBy(pilots))
    if (order % 3 === 0) speed = speedBy(pilots)
    return speed * perCore()
  })
  return served.reduce((sum, value) => sum + value, 0) / served.length
}

test('hosts that were fitted for each trial are told by the range of their limits', () => {
  const hosts = { kind: STUDY.id, ...limitsAt(0.14) }
  assert.match(hostsText(hosts, [], STUDY), /app 0\.14, database 0\.28 cores/)
  const pilot = { speed: 0.14, ceilingPerS: 90 }
  const trials = [0.13, 0.15, 0.14].map((speed) => ({ hosts: { ...limitsAt(speed), pilot } }))
  assert.match(hostsText(hosts, trials, STUDY), /app 0\.13 to 0\.15, database 0\.26 to 0\.3 cores/)
})

test('three pilots that say nearly the same of a core agree, whatever each served; two, or one that stood still, do not', () => {
  const pilots = (...worth: readonly number[]): PilotCeiling[] =>
    worth.map((perCore, at) => ({ speed: 0.5 + at / 10, ceilingPerS: perCore * (0.5 + at / 10) }))
  assert.ok(pilotsAgree(pilots(400, 192, 206, 194)))
  assert.ok(!pilotsAgree(pilots(192, 206)))
  assert.ok(!pilotsAgree(pilots(192, 206, 90)))
  assert.ok(!pilotsAgree(pilots(192, 206, 194, 230)))
})
