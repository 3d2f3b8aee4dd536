import assert from 'node:assert/strict'
import { test } from 'node:test'
import stringWidth from 'string-width'
import { analysedRun, asOwnArms, STUDY } from '../../test/fixtures/simulated-run.ts'
import { testbedLine } from './method.ts'
import { answerText } from './answer.ts'
import { htmlReport } from './html/page.ts'
import { markdownReport } from './markdown.ts'
import { cell, type Sheet } from './sheet.ts'
import { sectionsOf } from './sections.ts'
import { armSheet } from './tables/arm.ts'
import { rampSheet } from './tables/ramp.ts'
import { table, terminalReport } from './terminal.ts'

const brief = { columns: 100, colour: false, unicode: true }
const plain = { ...brief, verbose: true }
// A terminal report without colour must have no escape sequence, with colour only these.
// oxlint-disable-next-line no-control-regex
const ANSI = /\u001b\[\d+m/g

test('the order is ramp, verdict, crossing, cost per request, validity', () => {
  const text = terminalReport(analysedRun(), plain)
  const places = ['side by side', 'Verdict:', 'Crossing:', 'Cost per request', 'Validity:'].map(
    (title) => text.indexOf(title),
  )
  assert.ok(places.every((place) => place >= 0))
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
})

test('without verbose there are the answer and the ramp of all arms, and no other table', () => {
  const run = analysedRun()
  const text = terminalReport(run, brief)
  assert.ok(text.replaceAll('\n', ' ').startsWith(answerText(run)))
  const titles = sectionsOf(run, 'terminal').flatMap(({ blocks }) =>
    blocks.flatMap((block) => ('tables' in block ? block.tables.map(({ title }) => title) : [])),
  )
  assert.deepEqual(
    titles.filter((title) => text.includes(`\n${title}\n`)),
    [rampSheet(run).title],
  )
})

for (const options of [brief, plain, { ...plain, unicode: false }, { ...plain, colour: true }])
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

const cellsLost = (sheet: Sheet, text: string): string[] =>
  sheet.rows.flatMap((row) => row.map((one) => one.text).filter((words) => !text.includes(words)))

test('where a table does not fit it becomes two, each with the columns that name its rows', () => {
  const sheet = armSheet(analysedRun(), 'pooled')
  const text = table(sheet, { ...plain, columns: 80 })
  assert.deepEqual(cellsLost(sheet, text), [])
  const heads = text.split('\n').filter((line) => /^ *users /.test(line))
  assert.equal(heads.length, 2, text)
  assert.match(heads[1] ?? '', /^ *users +app +db +nginx +runner +valid$/)
  // A head, its unit and two rules more, and no line for each figure.
  const lines = (columns: number) => table(sheet, { ...plain, columns }).split('\n').length
  assert.ok(lines(80) <= 2 * lines(140), `${lines(80)} of ${lines(140)}`)
})

test('the report of a screen of 80 columns is at most twice as long as that of 120', () => {
  const lines = (columns: number) =>
    terminalReport(analysedRun(), { ...plain, columns }).split('\n').length
  assert.ok(lines(80) <= 2 * lines(120), `${lines(80)} of ${lines(120)}`)
})

test('where not even one column fits beside its names a row is a list, and no figure of it is lost', () => {
  const sheet = factorLike()
  const text = table(sheet, { ...plain, columns: 40 })
  assert.deepEqual(cellsLost(sheet, text), [])
  assert.match(text, /^ {2}effect, times +1\.25$/m)
})

function factorLike(): Sheet {
  const [name, figure] = [{ kind: 'name' }, { kind: 'figure' }] as const
  return {
    title: 'x',
    notes: [],
    keys: 2,
    columns: [
      { head: 'figure', ...name },
      { head: 'factor', ...name },
      { head: 'effect', unit: 'times', ...figure },
    ],
    rows: [['database CPU a request', 'connections kept open', '1.25'].map((text) => cell(text))],
  }
}

test('wide and combining characters take as many columns as a terminal gives them', () => {
  const sheet: Sheet = {
    title: 'x',
    notes: ['数'.repeat(60)],
    columns: [
      { head: 'name', kind: 'name' },
      { head: 'figure', kind: 'figure' },
      { head: 'prose', kind: 'prose' },
    ],
    rows: ['数据库', 'e\u0301te\u0301', 'plain'].map((text) => [
      cell(text),
      cell('12.3'),
      cell('数'.repeat(60)),
    ]),
  }
  const lines = table(sheet, { ...plain, columns: 60 }).split('\n')
  assert.ok(Math.max(...lines.map((line) => stringWidth(line))) <= 60)
  const ends = lines
    .filter((line) => line.includes('12.3'))
    .map((line) => stringWidth(line.slice(0, line.indexOf('12.3'))))
  assert.deepEqual(ends, Array(3).fill(ends[0]))
})

test('a word longer than its column is broken, and none of it is lost', () => {
  const digest = 'sha256:'.padEnd(90, '0123456789abcdef')
  const sheet: Sheet = {
    title: 'x',
    notes: [],
    columns: [
      { head: 'what', kind: 'name' },
      { head: 'A', kind: 'prose' },
    ],
    rows: [[cell('image'), cell(digest)]],
  }
  const text = table(sheet, { ...plain, columns: 60 })
  assert.ok(text.replaceAll(/\s/g, '').includes(digest), text)
})

test('where it was measured and what was in use is said once', () => {
  const run = analysedRun()
  const said = testbedLine(run)
  for (const screen of [brief, plain])
    assert.equal(terminalReport(run, screen).replaceAll('\n', ' ').split(said).length - 1, 1)
  assert.equal(markdownReport(run).split(said.slice(0, 20)).length - 1, 1)
})

test('the cell that crosses the threshold is marked without colour too', () => {
  const text = terminalReport(analysedRun(), plain)
  assert.match(text, /\d+\* +18\d\d +▲ 1\d\d\.\d/)
  assert.doesNotMatch(text, /▲ 9\d\.\d /)
})

test('an invalid stage is INVALID in its own table and beside the other arms, with its reason', () => {
  const text = terminalReport(analysedRun(), plain)
  assert.match(text, /^ +60 .* INVALID$/m)
  assert.match(text, /^persistent +mean, ms +3\.\d +3\.\d +INVALID/m)
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

test('on hosts as fast as the study’s its figures are judged, in every form; on others nowhere', () => {
  const limits = { appCores: 0.26, dbCores: 0.52, periodUs: 100_000, speed: 0.26 }
  const run = asOwnArms(analysedRun())
  const on = (kind: string) => {
    const configuration = { ...run.configuration, hosts: { kind, ...limits } }
    const judged = { ...run, configuration }
    const screen = { ...plain, columns: 120 }
    return [terminalReport(judged, screen), markdownReport(judged, []), htmlReport(judged, [])]
  }
  for (const text of on(STUDY.id)) assert.match(text, /figures, predicted on hosts of its speed/)
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
