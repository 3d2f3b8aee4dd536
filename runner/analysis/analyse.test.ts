import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIMULATED_MODELS, simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { Run } from '../measurement/run.ts'
import { analyse } from './analyse.ts'

const answers = (run: Run) =>
  analyse(run).crossings.map(({ arm, state, interval }) => [arm, state, interval?.kind])

test('every arm has a crossing with an interval, within the run where there is one trial', () => {
  assert.deepEqual(answers(simulatedRun()), [
    ['pooled', 'crossed', 'within-run'],
    ['persistent', 'crossed', 'within-run'],
    ['per-request', 'crossed', 'within-run'],
  ])
})

test('with several trials the interval is between them', () => {
  assert.deepEqual(
    new Set(answers(simulatedRun({ trials: 3 })).map(([, , kind]) => kind)),
    new Set(['between-trials']),
  )
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
  const before = analyse(run).crossings[2]
  const worst = run.trials[2]?.stages.find(({ users }) => users === 40)
  assert.ok(worst)
  worst.all = { ...worst.all, meanMs: 5000 }
  worst.validity = { valid: false, reasons: [{ check: 'errors', figure: 1, bound: 0, text: 'x' }] }
  assert.equal(analyse(run).crossings[2]?.users, before?.users)
})

test('a bracket that invalid probes left wide gives no interval: a line through it is a guess', () => {
  const run = simulatedRun()
  const before = analyse(run).crossings[2]
  assert.ok(before?.bracket && before.interval)
  const { low, high } = before.bracket
  for (const stage of run.trials[2]?.stages ?? []) {
    if (stage.users < low || stage.users > high) continue
    const reason = { check: 'client-event-loop' as const, figure: 20, bound: 10, text: 'x' }
    stage.validity = { valid: false, reasons: [reason] }
  }
  const after = analyse(run).crossings[2]
  assert.ok(after?.bracket && after.bracket.high - after.bracket.low > 0.05 * after.bracket.low)
  assert.deepEqual([after.state, after.interval], ['crossed', null])
})

test('a p95 threshold crosses earlier, and one trial gives it no interval', () => {
  const run = simulatedRun()
  const [mean] = analyse(run).crossings
  const [p95] = analyse({
    ...run,
    configuration: { ...run.configuration, thresholdOn: 'p95' },
  }).crossings
  assert.ok(mean?.users && p95?.users && p95.users < mean.users)
  assert.equal(p95.interval, null)
})

test('a run of nothing is no crash', () => {
  const { crossings, claims } = analyse({ ...simulatedRun(), trials: [] })
  assert.deepEqual(new Set(crossings.map(({ state }) => state)), new Set(['no-valid-stage']))
  assert.deepEqual(new Set(claims.map(({ verdict }) => verdict)), new Set(['inconclusive']))
})

test('a trial that did not cross leaves the answer to the mean over trials, without an interval', () => {
  const run = simulatedRun({ trials: 2 })
  const trial = run.trials.find(({ arm, index }) => arm === 'per-request' && index === 1)
  assert.ok(trial)
  trial.stages = trial.stages.filter(({ kind }) => kind === 'ramp')
  const crossing = analyse(run).crossings[2]
  assert.equal(crossing?.state, 'crossed')
  assert.equal(crossing.interval, null)
})

test('an arm that is named in the plan and was never measured is still named', () => {
  const run = simulatedRun({ models: { pooled: SIMULATED_MODELS['pooled']! } })
  run.configuration.arms.push({ name: 'django-per-request', mode: 'per-request' })
  assert.deepEqual(answers(run)[1], ['django-per-request', 'no-valid-stage', undefined])
})
