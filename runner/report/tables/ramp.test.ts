import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  analysed,
  analysedRun,
  simulatedGrid,
  simulatedRun,
  STUDY,
  withRunningMeans,
} from '../../../test/fixtures/simulated-run.ts'
import { CROSSING } from '../../plan/profiles.ts'
import type { Sheet } from '../sheet.ts'
import { rampSheet } from './ramp.ts'

const rowOf = ({ rows }: Sheet, arm: string, figure: string) =>
  rows.find((row) => row[0]?.text === arm && row[1]?.text === figure)?.map(({ text }) => text)

test('every arm at every step, and where it crosses with its interval, in one table', () => {
  const run = analysed(simulatedRun({ trials: 3 }))
  const sheet = rampSheet(run)
  assert.deepEqual(
    sheet.columns.map(({ head }) => head),
    ['arm', 'figure', '40 users', '50 users', '60 users', '70 users', '80 users', '100 ms at'],
  )
  for (const arm of ['pooled', 'persistent', 'per-request'])
    for (const figure of ['mean, ms', 'p95, ms', 'requests/s'])
      assert.equal(rowOf(sheet, arm, figure)?.length, sheet.columns.length)
  assert.match(rowOf(sheet, 'pooled', 'mean, ms')?.at(-1) ?? '', /^1[01]\d\d \(\d+–\d+\)$/)
})

test('a step that rests on a single stage is marked where others do not, and said once where all do', () => {
  const run = simulatedRun({ trials: 3 })
  for (const { arm, index, stages } of run.trials)
    for (const stage of stages)
      if (arm === 'pooled' && stage.users === 50 && index > 0)
        stage.validity = { valid: false, reasons: [] }
  const sheet = rampSheet(analysed(run))
  const marked = sheet.rows.flatMap((row) => row.filter(({ text }) => text.endsWith('¹')))
  assert.equal(marked.length, 1)
  assert.match(rowOf(sheet, 'pooled', 'mean, ms')?.[3] ?? '', /\d¹$/)
  const notes = (of: Sheet) => of.notes.filter((note) => note.includes('single stage'))
  assert.match(notes(sheet).join(), /^¹/)
  const each = rampSheet(analysed(simulatedRun()))
  assert.ok(each.rows.every((row) => row.every(({ text }) => !text.includes('¹'))))
  assert.equal(notes(each).length, 1)
})

test('a run of before running means has no row for one; a newer one has it, and where it passes', () => {
  const run = simulatedRun({ trials: 3 })
  assert.equal(rowOf(rampSheet(analysed(run)), 'pooled', 'running mean, ms'), undefined)
  // It starts far below the threshold and jumps over it between the last two steps.
  const slow = {
    ...run,
    trials: run.trials.map((trial) => ({
      ...trial,
      stages: trial.stages.map((stage) =>
        stage.users === 80 ? { ...stage, all: { ...stage.all, meanMs: 2000 } } : stage,
      ),
    })),
  }
  const row = rowOf(rampSheet(analysed(withRunningMeans(slow))), 'pooled', 'running mean, ms')
  assert.ok(Number(row?.at(-1)) > 70 && Number(row?.at(-1)) < 80, row?.join())
  assert.match(row?.at(-2) ?? '', /^▲ /)
})

test('the running mean lags behind the step’s own where users rise', () => {
  const sheet = rampSheet(analysed(withRunningMeans(simulatedRun())))
  const [own, running] = ['mean, ms', 'running mean, ms'].map((figure) =>
    Number(rowOf(sheet, 'per-request', figure)?.[6]),
  )
  assert.ok(own && running && running < own, `${running} and ${own}`)
})

test('of a ramp that a pilot scaled each step says which of the study it is', () => {
  const run = analysedRun()
  const configuration = { ...run.configuration, users: [110, 220, 275], rampFactor: 5.5 }
  const sheet = rampSheet({ ...run, configuration })
  assert.equal(STUDY.ramp.crossing, CROSSING)
  assert.deepEqual(
    sheet.columns.slice(2, 5).map(({ unit }) => unit),
    [20, 40, 50].map((users) => `${STUDY.id} ${users}`),
  )
  assert.ok(rampSheet(run).columns.every(({ unit }) => !unit?.includes(STUDY.id)))
})

test('of many arms there is a row each', () => {
  const run = simulatedGrid()
  const { rows } = rampSheet(run)
  assert.equal(rows.length, run.configuration.arms.length)
  assert.ok(rows.every((row) => row[1]?.text === 'mean, ms'))
})
