import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedFactor } from '../../../test/fixtures/simulated-factor.ts'
import { analysed, analysedRun, simulatedRun } from '../../../test/fixtures/simulated-run.ts'
import { simulatedTelemetry } from '../../../test/fixtures/simulated-stage.ts'
import { drawCharts } from '../charts/charts.ts'
import { answerOf } from '../answer.ts'
import { testbedLine } from '../method.ts'
import { busyCostSheet, costSheet } from '../tables/cost.ts'
import { htmlReport } from './page.ts'

const measured = simulatedRun({ trials: 3 })
const run = analysed(measured)

test('after the answer come its picture, all arms at every step and the verdict, each with its address', () => {
  const page = htmlReport(run, drawCharts(run))
  const order = [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, id]) => id)
  assert.deepEqual(order.slice(0, 3), ['picture', 'ramp', 'verdict'])
  const [first = ''] = /<section id="picture".*?<\/section>/s.exec(page) ?? []
  assert.match(first, /<figure id="response-time">/)
  for (const id of order) assert.ok(page.includes(`class="anchor" href="#${id}"`), id)
})

test('the answer stands on the page once, and a command in it is code', () => {
  const partly = { ...run, claims: [] }
  for (const trial of partly.trials)
    if (trial.host) trial.host = { ...trial.host, yardstickBeforeMs: 4 + trial.order }
  const page = htmlReport(partly, drawCharts(partly))
  const { caution, conclusion } = answerOf(partly)
  assert.match(caution ?? '', /`--profile/)
  assert.match(page, /<code>--profile standard<\/code>/)
  assert.equal(page.split(conclusion).length, 2)
  assert.equal(page.split(testbedLine(partly)).length, 2)
})

test('a run that judges no claim has no section for one', () => {
  const page = htmlReport({ ...run, claims: [] }, drawCharts(run))
  assert.doesNotMatch(page, /id="verdict"|#verdict/)
  assert.match(page, /<section id="crossing"/)
})

test('of a factor the headline says the best level, and its section what the levels cost', () => {
  const sizes = [{ level: '5' }, { level: '10', model: { ceilingPerS: 1800 } }]
  const factor = simulatedFactor('pool size, connections', sizes)
  const page = htmlReport(factor, drawCharts(factor))
  const [, headline = ''] = /<p class="headline">(.*?)<\/p>/.exec(page) ?? []
  assert.match(headline, /^Pool size, connections .* serves the most users;/)
  assert.doesNotMatch(headline, /CPU|orders/)
  const section = page.slice(page.indexOf('<section id="factor"'))
  assert.match(section, /request costs app and database|What a request costs/)
})

test('a default run of three arms, with telemetry, stays under 0.3 MB: charts of single trials are files beside it', () => {
  const long = analysed(simulatedRun({ trials: 5 }))
  const charts = drawCharts(long, simulatedTelemetry(long))
  const page = htmlReport(long, charts)
  assert.ok(Buffer.byteLength(page) < 300_000, `${Buffer.byteLength(page)}`)
  assert.match(page, /<a href="charts\/timeline-14\.svg">/)
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
  assert.match(page, /The run is partial/)
  assert.doesNotMatch(page, /<figure/)
})
