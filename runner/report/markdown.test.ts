import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analysedRun } from '../../test/fixtures/simulated-run.ts'
import { markdownReport } from './markdown.ts'

test('every row of a table has as many cells as its head', () => {
  const tables = markdownReport(analysedRun())
    .split('\n\n')
    .filter((block) => block.startsWith('|'))
  assert.ok(tables.length >= 7)
  for (const table of tables) {
    const widths = new Set(table.split('\n').map((line) => line.split(/(?<!\\)\|/).length))
    assert.equal(widths.size, 1, table)
  }
})

test('charts are referred to beside the report, with their text', () => {
  const text = markdownReport(analysedRun(), [
    { id: 'response-time', title: 'Response time', alt: 'A chart', caption: 'Bars: intervals.' },
  ])
  assert.match(text, /^!\[A chart\]\(charts\/response-time\.svg\)$/m)
})

test('limits stand in the units in which Compose takes them', () => {
  assert.match(markdownReport(analysedRun()), /samehost-app-1 .*, 1 core, 512 MiB \|/)
})

test('a hostile name stays a name', () => {
  const run = analysedRun()
  const hostile = '<img src=x onerror=alert(1)>|`x`\n# [a](javascript:b)'
  for (const trial of run.trials) trial.arm = hostile
  const text = markdownReport({ ...run, warnings: [hostile] })
  assert.doesNotMatch(text, /<img|^# \[a\]|[^\\]\[a\\\]/m)
})

test('the command to do it again names everything that decides the run', () => {
  assert.match(
    markdownReport(analysedRun()),
    /ARMS=pooled,persistent,per-request docker compose run --rm bench --profile standard --users 40,50,60,70,80 --think 500ms --warm-up 5s --hold 25s --timeout 10000ms --trials 1 --seed 1 --threshold 100ms --threshold-on mean --search/,
  )
})
