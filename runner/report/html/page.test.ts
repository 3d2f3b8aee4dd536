import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedFactor } from '../../../test/fixtures/simulated-factor.ts'
import {
  analysed,
  analysedRun,
  SIMULATED_MODELS,
  simulatedRun,
} from '../../../test/fixtures/simulated-run.ts'
import { simulatedTelemetry } from '../../../test/fixtures/simulated-stage.ts'
import { drawCharts } from '../charts/charts.ts'
import { busyCostSheet, costSheet } from '../tables/cost.ts'
import { htmlReport } from './page.ts'

const measured = simulatedRun({ trials: 3 })
const run = analysed(measured)

test('all arms at every step come first, then the verdict, the crossing and the charts', () => {
  const page = htmlReport(run, drawCharts(run))
  const order = [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, id]) => id)
  assert.deepEqual(order.slice(0, 4), ['ramp', 'verdict', 'crossing', 'charts'])
})

test('the command in the answer is code, without the backticks of a terminal', () => {
  const [, answer = ''] =
    /<p class="headline">(.*?)<\/p>/s.exec(htmlReport(run, drawCharts(run))) ?? []
  assert.match(answer, /<code>[^<`]*docker compose up bench<\/code>/)
  assert.doesNotMatch(answer, /`/)
})

test('a run that judges no claim has no section for one', () => {
  const page = htmlReport({ ...run, claims: [] }, drawCharts(run))
  assert.doesNotMatch(page, /id="verdict"|#verdict|class="tally"/)
  assert.match(page, /<section id="crossing"/)
})

test('of a factor the headline says the best level, and its section what the levels cost', () => {
  const sizes = [{ level: '5' }, { level: '10', model: { ceilingPerS: 1800 } }]
  const factor = simulatedFactor('pool size, connections', sizes)
  const page = htmlReport(factor, drawCharts(factor))
  const [, headline = ''] = /<p class="headline">(.*?)<\/p>/.exec(page) ?? []
  assert.match(headline, /^pool size, connections .* serves the most users;/)
  assert.doesNotMatch(headline, /CPU|orders/)
  const section = page.slice(page.indexOf('<section id="factor"'))
  assert.match(section, /request costs app and database|What a request costs/)
})

test('arms that stand each against the first have a statement each', () => {
  const pooled = SIMULATED_MODELS['pooled']!
  const simulated = simulatedRun({ models: { 'go-pooled': pooled, floor: pooled, mine: pooled } })
  const alone = analysed(simulated)
  const statements = htmlReport(alone, drawCharts(alone)).match(/<p class="headline one-of">/g)
  assert.equal(statements?.length, 2)
})

test('a standard run of three arms and trials, with telemetry, stays under 2 MB with all its charts', () => {
  const charts = drawCharts(run, simulatedTelemetry(run))
  const page = htmlReport(run, charts)
  assert.ok(Buffer.byteLength(page) < 2_000_000, `${Buffer.byteLength(page)}`)
  for (const { id } of charts) assert.ok(page.includes(`<figure id="${id}">`), id)
})

test('with more trials than it has room for the page names the files of the rest', () => {
  const charts = drawCharts(run, simulatedTelemetry(run))
  const many = Array.from({ length: 6 }, (_, at) =>
    charts.map((chart) => ({ ...chart, id: `${chart.id}-${at}` })),
  )
  const page = htmlReport(run, [...charts, ...many.flat()])
  assert.ok(Buffer.byteLength(page) < 2_000_000)
  assert.match(page, /charts\/timeline-8-5\.svg/)
})

test('the page asks for nothing from outside', () => {
  const page = htmlReport(run, drawCharts(run))
  const addresses = page.replaceAll('http://www.w3.org/2000/svg', '')
  assert.doesNotMatch(addresses, /https?:|\/\/[a-z]|<script|<link|<img|@import|url\(/i)
  assert.match(page, /Content-Security-Policy/)
})

test('hostile names, warnings and errors stay text, also in charts and their descriptions', () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror='x'>`
  const tampered = analysedRun()
  for (const trial of tampered.trials) trial.arm = `${trial.arm} ${hostile}`
  tampered.configuration.arms = tampered.configuration.arms.map(({ name, mode }) => ({
    name: `${name} ${hostile}`,
    mode,
  }))
  tampered.environment = { ...tampered.environment, label: hostile }
  const full = { ...analysed(tampered), warnings: [hostile] }
  const page = htmlReport(full, drawCharts(full))
  assert.doesNotMatch(page, /<script|<img/)
  assert.match(page, /&lt;script&gt;/)
})

test('the cost of a request stands there at equal throughput and at equal utilisation', () => {
  const page = htmlReport(run, drawCharts(run))
  for (const title of [costSheet(run).title, busyCostSheet(run).title])
    assert.ok(page.includes(title), title)
})

test('an invalid stage is INVALID on the page, with its reason', () => {
  const judged = analysedRun()
  const page = htmlReport(judged, drawCharts(judged))
  assert.match(page, />INVALID</)
  assert.match(page, /2\.0 % of the requests failed \(20 of 1000\)/)
})

test('a partial run says so, and a run of nothing is a page without charts', () => {
  const empty = { ...simulatedRun(), trials: [], state: 'partial' as const }
  const page = htmlReport(empty, drawCharts(empty))
  assert.match(page, /This run is partial/)
  assert.doesNotMatch(page, /<figure/)
})
