import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { simulatedRun } from '../../../test/fixtures/simulated-run.ts'
import type { CheckId } from '../checks/checks.ts'
import type { Stage } from '../../measurement/stage.ts'
import { earlierCrossing, nextStep, type SearchStep } from './search.ts'

const sample = simulatedRun().trials[0]?.stages[0]
assert.ok(sample)
const OPTIONS = { thresholdMs: 100, thresholdOn: 'mean' as const }
const RAMP = [40, 50, 60, 70, 80]

type Service = (users: number) => { ms: number; fails?: CheckId; perS?: number }

function measure(kind: Stage['kind'], users: number, service: Service): Stage {
  const { ms, fails, perS = 100 } = service(users)
  const reasons = fails ? [{ check: fails, figure: 1, bound: 0, text: fails }] : []
  return {
    ...sample!,
    kind,
    users,
    all: { ...sample!.all, meanMs: ms, throughputPerS: perS },
    meanWithTimeoutsMs: ms,
    validity: { valid: !fails, reasons },
  }
}

/** Drives the search to its end, as the runner would. */
function search(
  service: Service,
  ramp = RAMP,
  expected?: number,
): { stages: Stage[]; end: SearchStep } {
  const stages = ramp.map((users) => measure('ramp', users, service))
  for (;;) {
    const step = nextStep(stages, { ...OPTIONS, expected })
    if ('done' in step) return { stages, end: step }
    stages.push(measure('probe', step.probe, service))
  }
}

const done = ({ end }: { end: SearchStep }) => 'done' in end && end.done
const probes = ({ stages }: { stages: Stage[] }) =>
  stages.filter(({ kind }) => kind === 'probe').map(({ users }) => users)

/** A closed system: level until its ceiling, then N / X - Z. The sample thinks for 500 ms. */
const closed =
  (ceilingPerS: number) =>
  (users: number): ReturnType<Service> => {
    const ms = Math.max(4, (users / ceilingPerS) * 1000 - 500)
    return { ms, perS: users / ((ms + 500) / 1000) }
  }

const near = ({ stages }: { stages: Stage[] }) =>
  stages.filter(({ all }) => (all.meanMs ?? 0) >= 50 && (all.meanMs ?? 0) <= 200)

test('a closed system is held near to what its ceiling predicts, and a third past it', () => {
  // It crosses at 2,000/s × 0.6 s = 1,200 users.
  const found = search(closed(2000))
  assert.deepEqual(probes(found), [240, 720, 2160, 1283, 1251, 1153])
  assert.equal(done(found), 'found')
})

test('what earlier trials found is looked at first, and believed only if it holds', () => {
  assert.deepEqual(probes(search(closed(2000), RAMP, 1200)).slice(0, 2), [700, 1200])
  const slower = search(closed(1500), RAMP, 1200)
  const users = earlierCrossing([slower], OPTIONS)
  assert.ok(users !== undefined && Math.abs(users - 900) < 30, `${users}`)
})

test('wherever the crossing is, it is estimated within 3 % in at most 12 probes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 3500 }), (crossing) => {
      const found = search(closed(crossing / 0.6))
      const users = earlierCrossing([found], OPTIONS)
      assert.ok(users !== undefined && Math.abs(users / crossing - 1) < 0.03, `${users}`)
      assert.ok(near(found).length >= 3)
      assert.ok(probes(found).length <= 12)
    }),
    { seed: 1, numRuns: 100 },
  )
})

test('shrinks below a ramp that is over the threshold from its start', () => {
  const found = search(closed(22 / 0.6))
  const [first = 0] = probes(found)
  assert.ok(first >= 20 && first <= 24, `${first}: where the law of a saturated service says`)
  assert.equal(done(found), 'found')
})

test('beyond a ramp that a pilot scaled it grows by half', () => {
  const stages = [200, 400].map((users) => measure('ramp', users, closed(1000)))
  assert.deepEqual(nextStep(stages, { ...OPTIONS, rampFactor: 10 }), { probe: 600 })
})

test('below such a ramp too, what earlier trials found is looked at first', () => {
  assert.deepEqual(probes(search(closed(22 / 0.6), RAMP, 22)).slice(0, 1), [22])
  // Believed only if it holds: one that is no lower than the ramp says nothing.
  assert.deepEqual(probes(search(closed(22 / 0.6), RAMP, 90)).slice(0, 1), [20])
})

test('a stage a third past the crossing stands for one a few users further', () => {
  const stages = [240, 720, 1205, 1195, 1210, 1580].map((users) =>
    measure('probe', users, closed(2000)),
  )
  const step = nextStep(stages, { ...OPTIONS, maxProbes: 12 })
  assert.ok('done' in step, JSON.stringify(step))
})

for (const [what, service, end] of [
  ['not reached by 4,000 users', () => ({ ms: 5 }), 'not-reached'],
  ['over the threshold with a single user', () => ({ ms: 300 }), 'crossed-below'],
  [
    'past what the runner can drive',
    (users: number) => (users > 1000 ? { ms: 9, fails: 'client-cpu' } : { ms: 5 }),
    'limited-by-runner',
  ],
  [
    'past what the service survives',
    (users: number) => (users > 300 ? { ms: 9, fails: 'errors' } : { ms: 5 }),
    'not-reached',
  ],
  ['nowhere to be measured', () => ({ ms: 5, fails: 'littles-law' }), 'no-valid-stage'],
] as const satisfies readonly (readonly [string, Service, string])[])
  test(`ends with ${end} where the crossing is ${what}`, () => {
    const found = search(service)
    assert.equal(done(found), end)
    assert.ok(probes(found).length <= 12)
  })

for (const check of [
  'drift',
  'stolen',
  'client-event-loop',
  'littles-law',
  'connections',
  'stall',
] as const)
  test(`a stage that is invalid for its ${check} is measured once more`, () => {
    let times = 1
    const found = search((users) => {
      if (users === 240 && times-- > 0) return { ms: 3, fails: check }
      return closed(2000)(users)
    })
    assert.deepEqual(probes(found).slice(0, 3), [240, 240, 720])
    assert.equal(done(found), 'found')
  })

test('a level that chance spoils twice is a hole: the search looks beyond it', () => {
  const found = search((users) =>
    users === 240 ? { ms: 3, fails: 'client-event-loop' } : closed(2000)(users),
  )
  assert.deepEqual(probes(found).slice(0, 3), [240, 240, 480])
  assert.equal(done(found), 'found')
})

test('where the runner falls behind at every level from one on, that is a wall', () => {
  const found = search((users) => (users > 300 ? { ms: 9, fails: 'client-event-loop' } : { ms: 5 }))
  assert.deepEqual(probes(found).slice(0, 4), [160, 320, 320, 640])
  assert.equal(done(found), 'limited-by-runner')
  assert.ok(probes(found).length <= 12)
})

test('the same stages give the same step: a resumed run continues as it would have', () => {
  const { stages } = search(closed(2000))
  for (let at = RAMP.length; at < stages.length; at += 1)
    assert.deepEqual(nextStep(stages.slice(0, at), OPTIONS), { probe: stages[at]?.users })
})
