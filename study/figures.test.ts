import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIMULATED_MODELS, simulatedRun, withRunningMeans } from '../test/fixtures/simulated-run.ts'
import { distances, predictions } from '../runner/analysis/claims/predictions.ts'
import type { Run } from '../runner/measurement/run.ts'
import type { Studied } from '../runner/measurement/study.ts'
import { studyRampChart } from '../runner/report/charts/study-ramp.ts'
import { STUDY } from './study.ts'

/** Arms whose ceilings cross 100 ms near 60, 49 and 28 users, on hosts as fast as the article's, with running means. */
function articleRun(): Studied<Run> {
  const { pooled, persistent, 'per-request': perRequest } = SIMULATED_MODELS
  assert.ok(pooled && persistent && perRequest)
  const models = {
    'article-fastapi': { ...pooled, ceilingPerS: 100 },
    'article-django-persistent': { ...persistent, ceilingPerS: 82 },
    'article-django-per-request': { ...perRequest, ceilingPerS: 47 },
  }
  const run = withRunningMeans(simulatedRun({ models, trials: 3 }))
  const fit = {
    from: 'arm' as const,
    arm: 'article-django-persistent',
    ceilingPerS: 106,
    yardstickMs: 2.5,
    yardstickSpeed: null,
  }
  const limits = { speed: 0.13, appCores: 0.13, dbCores: 0.26, periodUs: 10_000 }
  const hosts = { kind: 'article' as const, ...limits, fit }
  return { ...run, study: STUDY, configuration: { ...run.configuration, hosts } }
}

test('the article’s ramp is drawn on hosts of its speed alone, read both ways, there and here', () => {
  const run = articleRun()
  const alt = studyRampChart(run)?.alt ?? ''
  assert.match(alt, /article-fastapi: own means here .* ms at 60/)
  assert.match(alt, /running means here .* ms at 60/)
  assert.match(alt, /the article’s own means 80\.0 ms at 40/)
  assert.match(alt, /its running means 79\.0 ms at 40/)
  const { hosts: _, ...without } = run.configuration
  assert.equal(studyRampChart({ ...run, configuration: without }), null)
  const arms = run.configuration.arms.map((arm) => ({ ...arm, name: `own-${arm.name}` }))
  assert.equal(studyRampChart({ ...run, configuration: { ...run.configuration, arms } }), null)
})

test('a line ends where it leaves the chart', () => {
  const { wide = '' } = studyRampChart(articleRun()) ?? {}
  const lines = [...wide.matchAll(/<path d="(M[^"]*L[^"]*)" fill="none"/g)].map(
    ([, path = '']) => path,
  )
  const heights = lines.flatMap((path) =>
    [...path.matchAll(/[ML](-?[\d.]+) (-?[\d.]+)/g)].map(([, , y]) => Number(y)),
  )
  assert.ok(heights.length > 20, `${heights.length} points`)
  const top = Math.min(...heights)
  assert.ok(top >= 0, `${top} px`)
})

test('one figure is the fitted one; each other is predicted, with a class that its interval is in', () => {
  const found = predictions(articleRun()) ?? []
  const of = (arm: string, what: string) =>
    found.find((one) => one.arm === arm && one.what === what)?.closeness
  assert.equal(of('article-django-persistent', 'requests/s at 70 users'), 'fitted')
  assert.equal(of('article-fastapi', 'requests/s at 70 users'), 'within 25 %')
  assert.equal(of('article-fastapi', 'own mean at 40 users'), 'off')
  assert.equal(of('article-fastapi', 'users at 100 ms, own means'), 'within 50 %')
  assert.equal(of('article-django-persistent', 'users at 100 ms, own means'), 'within 25 %')
  // The simulated ramp has no step of 30 users.
  assert.equal(of('article-django-persistent', 'p95 at 30 users'), 'not measured')
})

test('what rose there, or stalled, is not predicted; what was held is, at every step and in every figure', () => {
  const steps = (predictions(articleRun()) ?? []).flatMap(({ role, step }) =>
    step ? [`${role} ${step.users} ${step.figure}`] : [],
  )
  assert.equal(steps.length, 9 * 4 + 3)
  assert.ok(!steps.some((step) => step.includes(' 80 ') || step.startsWith('per-request 2')))
})

test('the running mean is counted from where the charted test began, and passes 100 ms later', () => {
  const found = predictions(articleRun()) ?? []
  const value = (what: string) =>
    found.find(({ role, what: own }) => role === 'pooled' && own === what)?.value ?? Number.NaN
  const own = value('own mean at 60 users')
  assert.ok(value('running mean at 60 users') < own)
  assert.ok(Math.abs(value('running mean at 40 users') / value('own mean at 40 users') - 1) < 0.02)
  assert.ok(value('users at 100 ms, as charted') > value('users at 100 ms, own means'))
})

test('how far each kind is from the charts is one figure, without the one that was fitted', () => {
  const found = predictions(articleRun()) ?? []
  const off = distances(found, STUDY)
  assert.deepEqual(
    off.map(({ figure, bound }) => [figure, bound]),
    [
      ['perS', 0.15],
      ['p95', 0.3],
      ['own', 0.3],
      ['running', 0.3],
    ],
  )
  // Of the nine, 30 users were not held and 70 of the persistent arm is fitted.
  assert.equal(off[0]?.of, 7)
  const exact = found.map((one) => ({ ...one, value: one.expected, closeness: 'off' as const }))
  for (const { rms } of distances(exact, STUDY)) assert.equal(rms, 0)
  const double = exact.map((one) => ({ ...one, value: one.expected && 2 * one.expected }))
  for (const { rms } of distances(double, STUDY)) assert.ok(Math.abs(rms - Math.log(2)) < 1e-9)
})

test('on hosts of its speed its figures are judged on its own arms alone', () => {
  const run = articleRun()
  const renamed = (name: string) => `own-${name}`
  const arms = run.configuration.arms.map((arm) => ({ ...arm, name: renamed(arm.name) }))
  const trials = run.trials.map((trial) => ({ ...trial, arm: renamed(trial.arm) }))
  assert.equal(predictions({ ...run, trials, configuration: { ...run.configuration, arms } }), null)
})

test('the article’s three at a distance stand for them; of several levels none does', () => {
  const changed = (levels: readonly string[]): Studied<Run> => {
    const run = articleRun()
    const arms = run.configuration.arms.map((arm, at) => {
      const from = at < levels.length ? 'article-fastapi' : arm.name
      return {
        ...arm,
        name: `far-${arm.name}`,
        factor: 'round trip',
        level: levels[at] ?? '1',
        from,
      }
    })
    const trials = run.trials.map((trial) => ({ ...trial, arm: `far-${trial.arm}` }))
    return { ...run, configuration: { ...run.configuration, arms }, trials }
  }
  const of = (run: Studied<Run>) => new Set((predictions(run) ?? []).map(({ arm }) => arm))
  assert.deepEqual(
    of(changed([])),
    new Set([
      'far-article-fastapi',
      'far-article-django-persistent',
      'far-article-django-per-request',
    ]),
  )
  assert.match(studyRampChart(changed([]))?.alt ?? '', /far-article-fastapi/)
  assert.ok(of(changed(['1', '2'])).has(null))
})

test('one trial predicts nothing: its figures are provisional', () => {
  const run = articleRun()
  const one = { ...run, trials: run.trials.filter(({ index }) => index === 0) }
  const classes = new Set((predictions(one) ?? []).map(({ closeness }) => closeness))
  assert.deepEqual([...classes].toSorted(), ['fitted', 'not measured', 'provisional'])
})

test('on other hosts absolute figures are not judged', () => {
  assert.equal(predictions({ ...simulatedRun(), study: STUDY }), null)
})

test('a share of CPU is of the limit that its own trial had', () => {
  const run = articleRun()
  const shares = (of: Studied<Run>) =>
    predictions(of)?.flatMap(({ unit, what, value }) =>
      unit === '%' && what.includes('CPU') ? (value ?? []) : [],
    ) ?? []
  const pilot = { speed: 0.13, ceilingPerS: 65 }
  const limits = { speed: 0.26, appCores: 0.26, dbCores: 0.52 }
  const fitted = run.trials.map((trial) => ({ ...trial, hosts: { ...limits, pilot } }))
  const [whole, half] = [shares(run), shares({ ...run, trials: fitted })]
  assert.ok(whole.length > 0 && half.length === whole.length)
  for (const [at, share] of whole.entries())
    assert.ok(Math.abs((half[at] ?? 0) / share - 0.5) < 1e-9, `${half[at]} of ${share}`)
})
