import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedFactor } from '../../test/fixtures/simulated-factor.ts'
import { analysedRun, asOwnArms, simulatedGrid, STUDY } from '../../test/fixtures/simulated-run.ts'
import { drawCharts } from './charts/charts.ts'
import { htmlReport } from './html/page.ts'
import { markdownReport } from './markdown.ts'
import { SECTIONS, sectionsOf } from './sections.ts'
import type { Form } from './sheet.ts'
import { terminalReport } from './terminal.ts'

const limits = { appCores: 0.26, dbCores: 0.52, periodUs: 100_000, speed: 0.26 }
const base = analysedRun()
const own = asOwnArms(base)
const RUNS = {
  'three arms': base,
  'a grid': simulatedGrid({ trials: 3 }),
  'a factor': simulatedFactor('pool size, connections', [{ level: '5' }, { level: '10' }]),
  'hosts of the study': {
    ...own,
    configuration: { ...own.configuration, hosts: { kind: STUDY.id, ...limits } },
  },
}

for (const [name, run] of Object.entries(RUNS)) {
  const charts = drawCharts(run)
  const texts: Record<Form, string> = {
    terminal: terminalReport(run, { columns: 1000, colour: false, unicode: true, verbose: true }),
    markdown: markdownReport(run, charts),
    page: htmlReport(run, charts),
  }
  for (const form of ['terminal', 'markdown', 'page'] as const)
    test(`${form}: the tables of ${name} stand in the order of the sections, none is missing`, () => {
      const sheets = sectionsOf(run, form).flatMap(({ blocks }) =>
        blocks.flatMap((block) => ('tables' in block ? block.tables : [])),
      )
      assert.ok(sheets.length >= 6)
      let from = 0
      for (const { title } of sheets) {
        const at = texts[form].indexOf(title, from)
        assert.ok(at >= 0, `${title} is not after what stands before it`)
        from = at + title.length
      }
    })

  test(`every chart of ${name} is in a section of the page, or named by its file, and once`, () => {
    for (const { id } of charts) {
      const shown = texts.page.split(`<figure id="${id}">`).length - 1
      const named = texts.page.split(`<a href="charts/${id}.svg">`).length - 1
      assert.equal(shown + named, 1, id)
    }
  })
}

test('sections have an anchor each', () => {
  assert.equal(new Set(SECTIONS.map(({ id }) => id)).size, SECTIONS.length)
})

test('a section with nothing in it is left out', () => {
  const ids = (form: Form) =>
    sectionsOf({ ...base, trials: [], claims: [], crossings: [] }, form).map(({ id }) => id)
  assert.deepEqual(ids('terminal'), ['ramp', 'cost', 'stages', 'endpoints', 'validity'])
  assert.ok(!ids('page').includes('crossing'))
})
