import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  analysed,
  analysedRun,
  SIMULATED_MODELS,
  simulatedRun,
} from '../../../test/fixtures/simulated-run.ts'
import { simulatedTelemetry } from '../../../test/fixtures/simulated-stage.ts'
import { drawCharts } from './charts.ts'
import { armLooks, logTicks, svgFile } from './theme.ts'

const measured = simulatedRun()
const run = analysed(measured)

test('the same run gives the same charts, byte for byte, however many were drawn before', () => {
  assert.deepEqual(drawCharts(run), drawCharts(run))
})

test('a run has a chart of each kind and a time line for each trial', () => {
  assert.deepEqual(
    drawCharts(run).map(({ id }) => id),
    [
      'response-time',
      'throughput',
      'cpu',
      'cost',
      'distribution',
      'timeline-0',
      'timeline-1',
      'timeline-2',
    ],
  )
})

test('axes are named with their units and the threshold with its value', () => {
  const [response, throughput, cpu, cost] = drawCharts(run)
  assert.match(
    response?.wide ?? '',
    />mean response time, ms<[\s\S]*>users<|>users<[\s\S]*>mean response time, ms</,
  )
  assert.match(response?.wide ?? '', />100 ms</)
  assert.match(throughput?.wide ?? '', />throughput, requests\/s</)
  assert.match(cpu?.wide ?? '', />database, CPU cores</)
  assert.match(cost?.wide ?? '', />CPU µs a request</)
})

test('an arm has its colour in every chart that shows arms', () => {
  const charts = drawCharts(run).filter(({ id }) => !id.startsWith('timeline') && id !== 'cost')
  for (const { colour } of armLooks(run).values())
    for (const { id, wide } of charts) assert.ok(wide.includes(colour), `${id} lacks ${colour}`)
})

test('arms of one mode differ by marker and dash, and modes keep their colour beside others', () => {
  const models = { ...SIMULATED_MODELS, 'fastapi-pooled': SIMULATED_MODELS['pooled']! }
  const looks = armLooks(simulatedRun({ models, search: false }))
  const [one, other] = [looks.get('pooled'), looks.get('fastapi-pooled')]
  assert.equal(one?.colour, other?.colour)
  assert.notEqual(one?.symbol, other?.symbol)
  assert.notEqual(one?.dash, other?.dash)
  assert.equal(armLooks(run).get('pooled')?.colour, one?.colour)
})

test('telemetry by the second is drawn where it is given', () => {
  const telemetry = simulatedTelemetry(run)
  const [plain = 0, seconds = 0] = [drawCharts(run), drawCharts(run, telemetry)].map(
    (charts) => charts.at(-1)?.wide.match(/[\d.]L/g)?.length ?? 0,
  )
  const last = run.trials.at(-1)
  const drawn = telemetry.filter(
    ({ trial, part }) => trial === last?.order && (part === 'app' || part === 'db'),
  )
  // Without telemetry a stage is one line; with it there is a piece between each pair of seconds.
  const pieces = drawn.length - 2 * (last?.stages.length ?? 0)
  assert.ok(pieces > 50 && seconds - plain >= 0.8 * pieces, `${plain} to ${seconds}, ${pieces}`)
})

test('a file of its own says what it shows and turns dark with its reader', () => {
  const [chart] = drawCharts(analysedRun())
  assert.ok(chart)
  const file = svgFile({ ...chart, alt: 'a < b & c' })
  assert.match(file, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 760 400"/)
  assert.match(file, /<desc>a &lt; b &amp; c<\/desc>/)
  assert.match(file, /prefers-color-scheme:dark/)
})

test('ticks stand at 1, 2 and 5, and at powers of ten alone over many decades', () => {
  assert.deepEqual(logTicks(32, 1600), [50, 100, 200, 500, 1000])
  assert.deepEqual(logTicks(0.09, 11000), [0.1, 1, 10, 100, 1000, 10000])
})
