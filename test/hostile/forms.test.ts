import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Run } from '../../runner/measurement/run.ts'
import { drawCharts } from '../../runner/report/charts/charts.ts'
import { svgFile } from '../../runner/report/charts/theme.ts'
import { htmlReport } from '../../runner/report/html/page.ts'
import { markdownReport } from '../../runner/report/markdown.ts'
import { terminalReport } from '../../runner/report/terminal.ts'
import { csvRows } from '../../runner/results/csv.ts'
import { stagesCsv } from '../../runner/results/stages-csv.ts'
import { analysed, simulatedRun } from '../fixtures/simulated-run.ts'

/** Text that acts in one form or another, with a word by which it is found again. */
const HOSTILE: Readonly<Record<string, string>> = {
  'a terminal’s sequences': 'found\u001b]0;owned\u0007\u001b[2J\u001b[31m',
  'C1 controls': 'found\u009b2J\u0090x\u009c',
  'a turned reading direction': 'found\u202e\u2066\u200f',
  'line breaks': 'found\r\nDONE: results in x\u2028\u0085y',
  'what XML cannot hold': 'found\u0000\u0008\u000b\ufffe',
  markup: `found</text></svg><script>alert(1)</script><img src=x onerror="x">]]>&amp;`,
  Markdown: 'found| `x` |\n# [a](javascript:b) ![c](d)',
  'signs of a replacement': "found$&$`$'$1$$",
  'a formula': '=HYPERLINK("http://x","found")',
}

/** A run in which every text that comes from elsewhere is this one. */
function poisoned(text: string): Run {
  const run = structuredClone(simulatedRun())
  const renamed = (name: string): string => `${text} ${name}`
  for (const trial of run.trials) {
    trial.arm = renamed(trial.arm)
    trial.version = text
    trial.problem = text
    trial.contractFailures = [{ name: text, expected: text, got: text, remedy: text }]
    for (const stage of trial.stages) {
      stage.all.errors = { [text]: 3 }
      stage.validity.reasons.push({ check: 'errors', figure: 0, bound: 0, text })
    }
  }
  run.configuration.arms = run.configuration.arms.map((arm) => ({
    ...arm,
    name: renamed(arm.name),
  }))
  run.warnings = [text]
  const { environment } = run
  Object.assign(environment, { label: text, engine: text, compose: text, node: text })
  environment.parts = environment.parts.map((part) => ({ ...part, name: text, version: text }))
  environment.database = { version: text, settings: { [text]: text } }
  return analysed(run)
}

/** What a page or a file may hold: no controls but the line break, nothing that turns or hides. */
// oxlint-disable-next-line no-control-regex
const CLEAN = /^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\p{Cf}\p{Co}\u2028\u2029]*$/u

for (const [what, text] of Object.entries(HOSTILE)) {
  describe(`${what} in every text of a run`, () => {
    const run = poisoned(text)
    const charts = drawCharts(run)

    test('drives no terminal', () => {
      const screen = { columns: 100, colour: false, unicode: true, verbose: true }
      const shown = terminalReport(run, screen)
      assert.match(shown, CLEAN)
      assert.match(shown, /found/)
      assert.ok(Math.max(...shown.split('\n').map(({ length }) => length)) <= 160)
    })

    test('is text in HTML', () => {
      const page = htmlReport(run, charts)
      assert.match(page, CLEAN)
      assert.doesNotMatch(page, /<script|<img|onerror="x/)
      assert.match(page, /found/)
    })

    test('is text in Markdown, and keeps tables whole', () => {
      const page = markdownReport(run, charts)
      assert.match(page, CLEAN)
      // A fenced block shows markup as it stands; it has one line, and nothing that would end it.
      const [prose = '', fenced = '', rest] = page.split('```')
      assert.match(fenced, /^sh\n[^\n`]*\n$/)
      assert.equal(rest, '\n')
      assert.doesNotMatch(prose, /<script|<img|^# \[a\]|^DONE/m)
      for (const table of page.split('\n\n').filter((block) => block.startsWith('|'))) {
        const widths = table.split('\n').map((line) => line.split(/(?<!\\)\|/).length)
        assert.equal(new Set(widths).size, 1, table)
      }
    })

    test('is text in a chart, which stays whole', () => {
      assert.ok(charts.length > 0)
      for (const chart of charts) {
        const svg = svgFile(chart)
        assert.match(svg, CLEAN)
        assert.doesNotMatch(svg, /<script|<img/)
        assert.equal(svg.match(/<svg /g)?.length, 1, chart.id)
        assert.equal(svg.match(/<\/svg>/g)?.length, 1, chart.id)
        assert.equal(svg.match(/<title>/g)?.length, 1, chart.id)
        assert.equal(svg.match(/role="img"/g)?.length, 1, chart.id)
      }
    })

    test('is a field in CSV, and no formula', () => {
      const csv = stagesCsv(run)
      assert.match(csv.replaceAll('\r\n', '\n'), CLEAN)
      const rows = csvRows(csv)
      const stages = run.trials.reduce((sum, trial) => sum + trial.stages.length, 0)
      assert.equal(rows.length, 5 * stages)
      for (const row of rows) {
        assert.doesNotMatch(row['arm'] ?? '', /^[=+\-@]/)
        assert.match(row['arm'] ?? '', /found/)
      }
    })
  })
}
