import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { csvRows } from './csv.ts'
import { stagesCsv } from './stages-csv.ts'

test('stages.csv has a row for each stage and endpoint, and as many fields in each', () => {
  const run = simulatedRun()
  const lines = stagesCsv(run).split('\r\n')
  const stages = run.trials.reduce((sum, trial) => sum + trial.stages.length, 0)
  assert.equal(lines.pop(), '', 'RFC 4180: the last record ends in CRLF as well')
  assert.equal(lines.length, 1 + stages * 5)
  const fields = new Set(lines.map((line) => line.split(',').length))
  assert.equal(fields.size, 1)
  assert.match(
    lines[1] ?? '',
    /^pooled,0,0,ramp,40,500,500,3,25,2026-01-02T03:00:00.000Z,true,all,/,
  )
})

test('endpoints are in the order that the run lists; an older run has them as in its stages', () => {
  const run = simulatedRun()
  const endpointsIn = (): string[] => [
    ...new Set(csvRows(stagesCsv(run)).map((row) => row['endpoint'] ?? '')),
  ]
  assert.equal(run.configuration.scenario, undefined)
  const older = ['list-products', 'view-product', 'place-order', 'view-order']
  assert.deepEqual(endpointsIn(), ['all', ...older])
  run.configuration.scenario = { name: 'shop', endpoints: ['view-order', 'list-products'] }
  assert.deepEqual(endpointsIn(), ['all', 'view-order', 'list-products'])
})

test('a field with a comma, a quote or a line break is quoted', () => {
  const run = simulatedRun()
  const trial = run.trials[0]
  assert.ok(trial)
  trial.arm = 'a "b", c\nd'
  assert.ok(stagesCsv(run).includes('\r\n"a ""b"", c\nd",0,0,'))
})

test('a name that a spreadsheet would calculate stays text, and negative figures stay numbers', () => {
  const run = simulatedRun()
  const [trial] = run.trials
  const [stage] = trial?.stages ?? []
  assert.ok(trial && stage)
  stage.drift = -0.25
  stage.littlesLaw.residual = -1e-7
  for (const name of [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\uff1d1',
    '\u001b[2J=1',
    '\u200b=1',
  ]) {
    trial.arm = `${name}|x`
    const [row] = csvRows(stagesCsv(run))
    assert.match(row?.['arm'] ?? '', /^'.*\|x$/, name)
    assert.equal(row?.['drift'], '-0.25')
    assert.equal(row['littlesLawResidual'], '-1e-7')
  }
})

test('every field is read back as it was written, quotes and line breaks included', () => {
  const run = simulatedRun()
  const [trial] = run.trials
  assert.ok(trial)
  trial.arm = 'a "b", c\nd'
  const rows = csvRows(stagesCsv(run))
  assert.equal(rows[0]?.['arm'], 'a "b", c\nd')
  assert.equal(
    rows.length,
    run.trials.reduce((sum, { stages }) => sum + stages.length * 5, 0),
  )
})

test('an unknown figure is an empty field, and classes of errors are distinguished', () => {
  const run = simulatedRun()
  const stage = run.trials[0]?.stages[0]
  assert.ok(stage)
  stage.all = { ...stage.all, meanMs: null, errors: { timeout: 2, 'journey-aborted': 2 } }
  const line = stagesCsv(run).split('\r\n')[1] ?? ''
  const [, figures] = line.split(',all,')
  assert.match(figures ?? '', /^1990,79.6,,[\d.,]+,2,timeout=2 journey-aborted=2,/)
})
