import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIMULATED_MODELS, simulatedRun, STUDY } from '../../test/fixtures/simulated-run.ts'
import type { Run } from '../measurement/run.ts'
import type { Trial } from '../measurement/trial.ts'
import { analyse } from './analyse.ts'
import { analyseArm, analysesOf, analysisOf, type ArmAnalysis } from './arm-analysis.ts'
import { levels } from './levels.ts'
import { comparedArms } from './precision.ts'
import { judgedAgain, leftOut } from './standing.ts'

const answers = (run: Run) => analyse(run).crossings.map(({ arm, state }) => [arm, state])

test('every arm has a crossing, and one trial gives it neither interval', () => {
  assert.deepEqual(answers(simulatedRun()), [
    ['pooled', 'crossed'],
    ['persistent', 'crossed'],
    ['per-request', 'crossed'],
  ])
  for (const { interval, prediction, ceilingInterval, provisional, text } of analyse(simulatedRun())
    .crossings) {
    assert.deepEqual([interval, prediction, ceilingInterval], [null, null, null])
    assert.ok(provisional)
    assert.match(text, /provisional: 1 trial, no interval/)
  }
})

test('with three trials the interval is of this run', () => {
  for (const { interval, text } of analyse(simulatedRun({ trials: 3 })).crossings) {
    assert.ok(interval)
    assert.match(text, /95 % interval of the mean, of this run: /)
  }
})

test('the same run gives the same answer, byte for byte', () => {
  const [once, again] = [analyse(simulatedRun({ trials: 3 })), analyse(simulatedRun({ trials: 3 }))]
  assert.equal(JSON.stringify(once), JSON.stringify(again))
})

test('an arm is judged by its own stages: leaving another out changes nothing for it', () => {
  const run = simulatedRun()
  const [pooled] = analyse(run).crossings
  const [alone] = analyse({
    ...run,
    trials: run.trials.filter(({ arm }) => arm === 'pooled'),
  }).crossings
  assert.deepEqual(alone, pooled)
})

test('a ramp without a search that stays below the threshold is not reached', () => {
  const { crossings } = analyse(simulatedRun({ search: false }))
  assert.deepEqual(new Set(crossings.map(({ state }) => state)), new Set(['not-reached']))
  assert.match(
    crossings[0]?.text ?? '',
    /is below 100 ms up to 80 users, the most that were measured/,
  )
})

test('an invalid stage enters no crossing', () => {
  const run = simulatedRun()
  const worst = run.trials[2]?.stages.find(({ users }) => users === 40)
  assert.ok(worst)
  worst.validity = { valid: false, reasons: [{ check: 'errors', figure: 1, bound: 0, text: 'x' }] }
  const before = analyse(run).crossings[2]
  worst.all = { ...worst.all, meanMs: 5000 }
  worst.meanWithTimeoutsMs = 5000
  assert.equal(analyse(run).crossings[2]?.users, before?.users)
})

test('an arm with no valid stage near its crossing is only between two numbers of users', () => {
  const run = simulatedRun({ trials: 3 })
  for (const { arm, stages } of run.trials) {
    if (arm !== 'per-request') continue
    for (const stage of stages) {
      const reason = { check: 'client-event-loop', figure: 20, bound: 10, text: 'x' } as const
      const near = (stage.all.meanMs ?? 0) > 30 && (stage.all.meanMs ?? 0) < 330
      if (near) stage.validity = { valid: false, reasons: [reason] }
    }
  }
  const { crossings, claims } = analyse({ ...run, study: STUDY })
  const after = crossings[2]
  assert.deepEqual([after?.state, after?.users, after?.interval], ['between', null, null])
  assert.match(after?.text ?? '', /somewhere between \d+ and \d+ users/)
  assert.equal(claims.find(({ id }) => id === 'more-users')?.verdict, 'inconclusive')
})

test('a p95 threshold is interpolated where it was searched, and not where it was not', () => {
  const run = simulatedRun()
  const [found] = analyse({
    ...run,
    configuration: { ...run.configuration, thresholdOn: 'p95' },
  }).crossings
  assert.ok(found?.state === 'between' || (found?.users ?? 0) > 0)
  assert.equal(found?.interval, null)
})

test('of a p95 run whose arms were pushed past their crossing it is known whether the fit behind the ceiling settled', () => {
  const run = simulatedRun({ trials: 3 })
  for (const stage of run.trials.flatMap(({ stages }) => stages))
    stage.all = { ...stage.all, p95Ms: stage.all.meanMs }
  const { crossings } = analyse({
    ...run,
    configuration: { ...run.configuration, thresholdOn: 'p95' },
  })
  const pushed = crossings.filter(({ ceilingInterval }) => ceilingInterval !== null)
  assert.ok(pushed.length > 0)
  assert.deepEqual(new Set(pushed.map(({ converged }) => converged)), new Set([true]))
})

test('a run of nothing is no crash', () => {
  const { crossings, claims } = analyse({ ...simulatedRun(), study: STUDY, trials: [] })
  assert.deepEqual(new Set(crossings.map(({ state }) => state)), new Set(['no-valid-stage']))
  assert.deepEqual(new Set(claims.map(({ verdict }) => verdict)), new Set(['inconclusive']))
})

test('a trial that did not cross leaves its end of the interval open', () => {
  const run = simulatedRun({ trials: 3 })
  const trial = run.trials.find(({ arm, index }) => arm === 'per-request' && index === 1)
  assert.ok(trial)
  trial.stages = trial.stages.filter(({ kind }) => kind === 'ramp')
  const crossing = analyse(run).crossings[2]
  assert.equal(crossing?.state, 'crossed')
  assert.ok(crossing.interval?.low && crossing.interval.high === null)
})

test('an arm that is named in the plan and was never measured is still named', () => {
  const run = simulatedRun({ models: { pooled: SIMULATED_MODELS['pooled']! } })
  run.configuration.arms.push({ name: 'django-per-request', mode: 'per-request' })
  assert.deepEqual(answers(run)[1], ['django-per-request', 'no-valid-stage'])
})

test('a trial that broke off gives no crossing, ceiling or ratio, however many of its stages were proved', () => {
  const whole = simulatedRun({ trials: 4 })
  const cut = (kept: number): Run => ({
    ...whole,
    trials: whole.trials.map((trial): Trial => {
      if (trial.arm !== 'pooled' || trial.index !== 3) return trial
      const identity = { arm: 'pooled', instance: 'a1', proofs: kept + 1, heldStages: kept }
      const stages = trial.stages.slice(0, kept)
      return {
        ...trial,
        state: 'aborted',
        abortedBy: 'other',
        problem: 'Interrupted.',
        identity,
        stages,
      }
    }),
  })
  const without: Run = {
    ...whole,
    trials: whole.trials.filter(({ arm, index }) => arm !== 'pooled' || index !== 3),
  }
  for (const kept of [1, 5, 8]) {
    const run = judgedAgain(cut(kept))
    assert.deepEqual(analyse(run).crossings, analyse(without).crossings, `${kept} stages`)
    assert.deepEqual(comparedArms(run), comparedArms(without))
    assert.deepEqual(
      levels(run, 'pooled').find(({ users }) => users === 40)?.valid.length,
      4,
      'its stages stay in the tables',
    )
    assert.match(
      leftOut(run.trials)[0] ?? '',
      /^pooled, trial 4, is left out but for \d of its stages.*which enter no crossing: Interrupted\.$/,
    )
  }
})

test('of an arm of which every trial broke off nothing is said of where it crosses', () => {
  const run = simulatedRun()
  const trials = run.trials.map((trial): Trial => ({ ...trial, state: 'running' }))
  const [first] = analyse({ ...run, trials }).crossings
  assert.deepEqual([first?.state, first?.users], ['no-valid-stage', null])
  assert.match(first?.text ?? '', /no trial that ended has a valid stage/)
})

/** All but the curves, which are functions. */
const facts = ({ byTrial, crossing, measured }: ArmAnalysis) => ({
  crossing,
  measured,
  byTrial: [...byTrial].map(([round, figures]) => [round, figures.crossing, figures.ceilingPerS]),
})

test('an analysis that a run carries is of its own trials and question: changed ones are analysed again', () => {
  const run = simulatedRun({ trials: 3 })
  const carrying = { ...run, analyses: analysesOf(run) }
  assert.equal(analysisOf(carrying, 'pooled'), carrying.analyses.byArm.get('pooled'))
  const first = run.trials.filter(({ index }) => index === 0)
  const configuration = { ...run.configuration, thresholdMs: 50 }
  for (const change of [{ trials: first }, { configuration }]) {
    const changed = { ...run, ...change }
    const found = analysisOf({ ...carrying, ...change }, 'pooled')
    assert.deepEqual(facts(found), facts(analyseArm(changed, 'pooled')))
    const carried = carrying.analyses.byArm.get('pooled')
    assert.ok(carried)
    assert.notDeepEqual(facts(found), facts(carried))
  }
})
