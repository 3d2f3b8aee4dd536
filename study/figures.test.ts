import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SIMULATED_MODELS, simulatedRun } from '../test/fixtures/simulated-run.ts'
import { predictions } from '../runner/analysis/claims/predictions.ts'
import type { Run } from '../runner/measurement/run.ts'
import type { Studied } from '../runner/measurement/study.ts'
import { studyRampChart } from '../runner/report/charts/study-ramp.ts'
import { STUDY } from './study.ts'

/** Arms whose ceilings cross 100 ms near 60, 49 and 28 users, on hosts as fast as the article's. */
function articleRun(): Studied<Run> {
  const { pooled, persistent, 'per-request': perRequest } = SIMULATED_MODELS
  assert.ok(pooled && persistent && perRequest)
  const models = {
    'fastapi-pooled': { ...pooled, ceilingPerS: 100 },
    'django-persistent': { ...persistent, ceilingPerS: 82 },
    'django-per-request': { ...perRequest, ceilingPerS: 47 },
  }
  const run = simulatedRun({ models, trials: 3 })
  const fit = {
    from: 'arm' as const,
    arm: 'fastapi-pooled',
    ceilingPerS: 101,
    yardstickMs: 2.5,
    yardstickSpeed: null,
  }
  const limits = { speed: 0.13, appCores: 0.13, dbCores: 0.26, periodUs: 10_000 }
  const hosts = { kind: 'article' as const, ...limits, fit }
  return { ...run, study: STUDY, configuration: { ...run.configuration, hosts } }
}

test('the article’s ramp is drawn on hosts of its speed alone', () => {
  const run = articleRun()
  assert.match(studyRampChart(run)?.alt ?? '', /fastapi-pooled: .* ms at 60/)
  const { hosts: _, ...without } = run.configuration
  assert.equal(studyRampChart({ ...run, configuration: without }), null)
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
  assert.equal(of('fastapi-pooled', 'most requests/s'), 'fitted')
  assert.equal(of('fastapi-pooled', 'users at 100 ms'), 'within 25 %')
  assert.equal(of('django-persistent', 'users at 100 ms'), 'within 50 %')
  assert.equal(of('fastapi-pooled', 'no good answer at 80 users'), 'off')
  assert.equal(of('django-per-request', 'app CPU at 20 users'), 'not measured')
})

test('who dies at 80 users shows that in a stage that fails; a runner that came late shows nothing', () => {
  const failing = (check: 'errors' | 'requests' | 'think-time'): Studied<Run> => {
    const run = articleRun()
    const validity = { valid: false, reasons: [{ check, figure: 1, bound: 0, text: '' }] }
    const trials = run.trials.map((trial) => ({
      ...trial,
      stages: trial.stages.map((stage) => {
        const { outcomes, users } = stage
        const sent = check === 'requests' ? { sent: 0, succeeded: 0 } : {}
        return users === 80 ? { ...stage, outcomes: { ...outcomes, ...sent }, validity } : stage
      }),
    }))
    return { ...run, trials }
  }
  const of = (run: Studied<Run>) =>
    predictions(run)?.find(({ what }) => what === 'no good answer at 80 users')
  assert.equal(of(failing('errors'))?.closeness, 'off')
  assert.equal(of(failing('requests'))?.value, 100)
  assert.equal(of(failing('think-time'))?.closeness, 'not measured')
})

test('the article’s three at a distance stand for them; of several levels none does', () => {
  const changed = (levels: readonly string[]): Studied<Run> => {
    const run = articleRun()
    const arms = run.configuration.arms.map((arm, at) => {
      const from = at < levels.length ? 'fastapi-pooled' : arm.name
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
    new Set(['far-fastapi-pooled', 'far-django-persistent', 'far-django-per-request']),
  )
  assert.match(studyRampChart(changed([]))?.alt ?? '', /far-fastapi-pooled/)
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
