import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analysedRun, simulatedGrid } from '../../test/fixtures/simulated-run.ts'
import { drawCharts } from './charts/charts.ts'
import { htmlReport } from './html/page.ts'
import { markdownReport } from './markdown.ts'
import { terminalReport } from './terminal.ts'

const plain = { columns: 100, colour: false, unicode: true }
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
      /The connection mode explains \d+ % of the variation/,
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
