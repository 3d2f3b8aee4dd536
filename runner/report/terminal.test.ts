import assert from 'node:assert/strict'
import { test } from 'node:test'
import { analysedRun } from '../../test/fixtures/simulated-run.ts'
import { testbedLine } from './headline.ts'
import { htmlReport } from './html/page.ts'
import { markdownReport } from './markdown.ts'
import { armSheet } from './tables/arm.ts'
import { table, terminalReport } from './terminal.ts'

const plain = { columns: 100, colour: false, unicode: true }
// A terminal report without colour must have no escape sequence, with colour only these.
// oxlint-disable-next-line no-control-regex
const ANSI = /\u001b\[\d+m/g

test('the order is verdict, crossing, ramp, cost per request, validity', () => {
  const text = terminalReport(analysedRun(), plain)
  const places = ['Verdict:', 'Crossing:', 'side by side', 'Cost per request', 'Validity:'].map(
    (title) => text.indexOf(title),
  )
  assert.ok(places.every((place) => place >= 0))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
})

for (const options of [
  plain,
  { ...plain, verbose: true },
  { ...plain, unicode: false, verbose: true },
  { ...plain, colour: true },
])
  test(`no line is wider than 100 columns with ${JSON.stringify(options)}`, () => {
    const lines = terminalReport(analysedRun(), options).split('\n')
    const widest = Math.max(...lines.map((line) => line.replace(ANSI, '').length))
    assert.ok(widest <= 100, `${widest}`)
  })

for (const columns of [20, 40, 60, 80])
  for (const more of [{}, { unicode: false }, { colour: true }])
    test(`no line is wider than ${columns} columns on a screen that is, ${JSON.stringify(more)}`, () => {
      const options = { ...plain, verbose: true, columns, ...more }
      const lines = terminalReport(analysedRun(), options).split('\n')
      const widest = Math.max(...lines.map((line) => line.replace(ANSI, '').length))
      assert.ok(widest <= columns, `${widest}`)
    })

test('on a narrow screen a table stands upright, and no figure of it is lost', () => {
  const sheet = armSheet(analysedRun(), 'pooled')
  const text = table(sheet, { ...plain, columns: 40 })
  for (const row of sheet.rows)
    for (const [at, { text: cell }] of row.entries())
      assert.ok(text.includes(cell), `${sheet.columns[at]?.head}: ${cell}`)
  assert.match(text, /^ {2}mean, ms +\d/m)
})

test('every table says where it was measured and what was in use', () => {
  const run = analysedRun()
  const text = terminalReport(run, plain).replaceAll('\n', ' ')
  const tables = 9
  const said = testbedLine(run)
  assert.equal(text.split(said).length - 1, tables)
})

test('the cell that crosses the threshold is marked without colour too', () => {
  const text = terminalReport(analysedRun(), plain)
  assert.match(text, /\d+\* +18\d\d +▲ 1\d\d\.\d/)
  assert.doesNotMatch(text, /▲ 9\d\.\d /)
})

test('an invalid stage is INVALID in its own table and beside the other arms, with its reason', () => {
  const text = terminalReport(analysedRun(), plain)
  assert.match(text, /^ +60 .* INVALID$/m)
  assert.match(text, /^persistent +3\.\d +3\.\d +INVALID/m)
  assert.match(text, /^persistent +1 +60 +errors +2\.0 % of the requests failed/m)
})

test('which errors made a stage INVALID stands in the table of validity, in every form', () => {
  const run = analysedRun()
  for (const { stages } of run.trials)
    for (const { all, validity } of stages)
      if (!validity.valid) all.errors = { 'status-503': 4, timeout: 16, 'journey-aborted': 20 }
  const said = /requests failed \(20 of 1000\): timeout 16, status-503 4/
  assert.match(terminalReport(run, plain).replaceAll(/\s+/g, ' '), said)
  assert.match(markdownReport(run), /timeout 16, status-503 4/)
  assert.match(htmlReport(run, []), /timeout 16, status-503 4/)
})

test('on hosts as fast as the article’s its figures are judged, in every form; on others nowhere', () => {
  const limits = { appCores: 0.26, dbCores: 0.52, periodUs: 100_000, speed: 0.26 }
  const run = analysedRun()
  const on = (kind: 'article' | 'fit') => {
    const configuration = { ...run.configuration, hosts: { kind, ...limits } }
    const judged = { ...run, configuration }
    const screen = { columns: 120, colour: false, unicode: true }
    return [terminalReport(judged, screen), markdownReport(judged, []), htmlReport(judged, [])]
  }
  for (const text of on('article')) assert.match(text, /figures, predicted on hosts of its speed/)
  for (const text of on('fit')) assert.doesNotMatch(text, /predicted on hosts of its speed/)
})

test('colour is there only when asked for', () => {
  assert.doesNotMatch(terminalReport(analysedRun(), plain), ANSI)
  assert.match(terminalReport(analysedRun(), { ...plain, colour: true }), ANSI)
})

test('without Unicode there is ASCII alone', () => {
  const text = terminalReport(analysedRun(), { ...plain, unicode: false, verbose: true })
  assert.match(text, /^[\n -~]*$/)
  assert.doesNotMatch(text, /\?(?! inconclusive)/, 'a symbol without a spelling in ASCII')
})

test('a name with an escape sequence in it does not drive the terminal', () => {
  const run = analysedRun()
  for (const trial of run.trials) trial.arm = `${trial.arm}\u001b]0;owned\u0007\u202e`
  const text = terminalReport(run, plain)
  assert.match(text, /^[\n -\u007e\u00a0-\u2025\u2030-\uffff]*$/)
})

test('verbose adds each arm by endpoint', () => {
  const text = terminalReport(analysedRun(), { ...plain, verbose: true })
  assert.match(text, /^per-request by endpoint$/m)
  assert.match(text, /^ +1 +40 +place-order /m)
})

test('a run without a stage is still a report', () => {
  const run = { ...analysedRun(), trials: [], claims: [], crossings: [] }
  assert.match(terminalReport(run, plain), /0 of 0 stages are valid/)
})
