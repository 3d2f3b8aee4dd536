import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClosedLoop } from '../../../test/fixtures/closed-loop.ts'
import { closedLoopStage } from '../../../test/fixtures/closed-loop-stage.ts'
import { queueCurve, THINK_MS, trueCrossing } from '../../../test/fixtures/known-curves.ts'
import { simulatedRun } from '../../../test/fixtures/simulated-run.ts'
import type { Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
import { analyseArm } from '../arm-analysis.ts'
import { judge } from '../validity.ts'
import { seeded } from '../../../test/fixtures/random.ts'

/** 480 requests/s at most. */
const SERVICE_MS = 1000 / 480
const THRESHOLD_MS = 100
/** Long enough for the first of those who wait ten seconds to be back. */
const LOOP = { serviceMs: SERVICE_MS, thinkMs: THINK_MS, warmUpS: 20, holdS: 25 }
const USERS = [40, 120, 200, 230, 250, 265, 280, 290, 300, 320, 360]

/** Trials of a service of which some requests get no good answer. */
function runOf(failing: ClosedLoop['failing'] & {}): Run {
  const random = seeded(7)
  const run = simulatedRun({ trials: 8 })
  const trials = run.trials
    .filter(({ arm }) => arm === 'pooled')
    .map((trial) => {
      const stages = USERS.map((users): Stage => {
        const stage = closedLoopStage({ ...LOOP, users, failing }, random, 'probe')
        return { ...stage, validity: judge(stage, { mode: 'pooled' }) }
      })
      return { ...trial, stages }
    })
  return { ...run, trials }
}

/** Users at which the mean response time is that of the threshold, by mean value analysis. */
function truth({ share, afterMs }: ClosedLoop['failing'] & {}): number {
  const curve = queueCurve([{ demandMs: (1 - share) * SERVICE_MS }], { idleMs: share * afterMs })
  // A fast refusal is no answer: what counts is the mean of those that were answered.
  const fast = (users: number) => (curve(users) - share * afterMs) / (1 - share)
  return trueCrossing(afterMs > THRESHOLD_MS ? curve : fast, THRESHOLD_MS)
}

const withoutThem = (run: Run): Run => ({
  ...run,
  trials: run.trials.map((trial) => ({
    ...trial,
    stages: trial.stages.map((stage) => ({
      ...stage,
      waited: { meanMs: stage.all.meanMs, p95Ms: null },
    })),
  })),
})

for (const [what, failing, off] of [
  ['a time-out of ten seconds', { share: 0.007, afterMs: 10_000 }, 0.1],
  ['a 504 after two seconds', { share: 0.009, afterMs: 2_000 }, 0.02],
  ['a 503 at once', { share: 0.009, afterMs: 0.3 }, 0],
] as const)
  test(`where ${100 * failing.share} % of the requests end with ${what}, the crossing is that of what users waited`, () => {
    const run = runOf(failing)
    const truly = truth(failing)
    const valid = run.trials
      .flatMap(({ stages }) => stages)
      .filter(({ validity }) => validity.valid)
    assert.ok(valid.length >= 70, `${valid.length} stages are valid`)
    const { users } = analyseArm(run, 'pooled').crossing
    assert.ok(users !== null && Math.abs(users / truly - 1) < 0.03, `${users}, not ${truly}`)
    const answered = analyseArm(withoutThem(run), 'pooled').crossing.users
    assert.ok(answered !== null && answered / truly - 1 >= off - 0.01, `${answered} of ${truly}`)
  })
