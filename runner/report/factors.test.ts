import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedFactor } from '../../test/fixtures/simulated-factor.ts'
import { analysedRun, simulatedGrid } from '../../test/fixtures/simulated-run.ts'
import { drawCharts } from './charts/charts.ts'
import { armLooks } from './charts/theme.ts'
import { htmlReport } from './html/page.ts'
import { markdownReport } from './markdown.ts'
import { levelSheets } from './tables/factors.ts'
import { terminalReport } from './terminal.ts'

const plain = { columns: 100, colour: false, unicode: true, verbose: true }
const TITLE = 'What decides: the connection mode or the framework'

for (const trials of [1, 3])
  test(`with ${trials} trials a grid has its table, sentence and chart in every form`, () => {
    const run = simulatedGrid({ trials })
    const charts = drawCharts(run)
    const terminal = terminalReport(run, plain)
    const page = htmlReport(run, charts)
    const markdown = markdownReport(run, charts)
    for (const text of [terminal, page, markdown]) assert.ok(text.includes(TITLE))
    assert.match(
      terminal.replaceAll('\n', ' '),
      /The connection mode changes the crossing by up to [\d.]+ times/,
    )
    assert.equal(page.split('<figure id="interaction">').length, 2)
    assert.match(markdown, /charts\/interaction\.svg/)
    assert.ok(Math.max(...terminal.split('\n').map((line) => line.length)) <= 100)
  })

test('without a grid nothing is said of what decides', () => {
  const run = analysedRun()
  const charts = drawCharts(run)
  const texts = [terminalReport(run, plain), htmlReport(run, charts), markdownReport(run, charts)]
  for (const text of texts) assert.doesNotMatch(text, /What decides/)
})

const DISTANCES = ['direct', '0', '0.5', '1', '2', '5'].flatMap((level, at) =>
  Object.entries({ pooled: 1850, 'per-request': 285 }).map(([from, perS]) => ({
    level,
    from,
    model: { ceilingPerS: perS * (1 - 0.06 * at) },
  })),
)

test('a factor has its table, its chart and its sentence in each form of the report', () => {
  const run = simulatedFactor('round trip, ms', DISTANCES)
  const [sheet, other] = levelSheets(run)
  assert.match(sheet?.title ?? '', /round trip, ms \(changed from pooled\)/)
  assert.match(other?.title ?? '', /per-request/)
  assert.deepEqual(
    sheet?.rows.map(([level]) => level?.text),
    ['direct', '0', '0.5', '1', '2', '5'],
  )
  assert.equal(sheet.rows[0]?.[1]?.text, 'best')
  assert.match(sheet.rows[0]?.[2]?.text ?? '', /^\d+\n\d+–\d+$/)
  const charts = drawCharts(run)
  const [chart] = charts
  assert.equal(chart?.about, 'factor')
  for (const level of ['direct', '0.5', '5'])
    assert.ok(chart.wide.includes(`>${level}</text>`), level)
  const sentence = /“direct” serves the most users; .*“[\d.]+” serves 0\.\d\d times as many/
  assert.match(markdownReport(run, charts), sentence)
  const terminal = terminalReport(run, plain)
  assert.match(terminal.replaceAll('\n', ' '), sentence)
  assert.ok(Math.max(...terminal.split('\n').map((line) => line.length)) <= 100)
  assert.match(htmlReport(run, charts), /<section id="factor"/)
})

test('colours of levels run in their order, the same for each arm that was changed', () => {
  const looks = armLooks(simulatedFactor('round trip, ms', DISTANCES, { trials: 1 }))
  const colours = [...looks.values()].map(({ colour }) => colour)
  assert.equal(new Set(colours).size, 6)
  for (let at = 0; at < colours.length; at += 2) assert.equal(colours[at], colours[at + 1])
  const green = colours.map((colour) => Number.parseInt(colour.slice(3, 5), 16))
  assert.ok(
    (green[0] ?? 0) < (green[2] ?? 0) && (green[2] ?? 0) < (green[4] ?? 0),
    'not in one direction',
  )
  assert.notEqual(looks.get('level-0-pooled')?.dash, looks.get('level-1-per-request')?.dash)
})

test('arms that stand at the one level of a run are told apart by colour, as arms without a factor', () => {
  const one = ['pooled', 'persistent', 'per-request'].map((from) => ({ level: 'TLS', from }))
  const looks = armLooks(simulatedFactor('handshake', one, { trials: 1 }))
  assert.equal(new Set([...looks.values()].map(({ colour }) => colour)).size, 3)
})
