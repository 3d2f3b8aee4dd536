import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { withAnalysis } from '../../runner/cli/report.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { KIT } from '../docker/kit.ts'

const REFERENCE = `${KIT}results/reference`

for (const name of await readdir(REFERENCE)) {
  test(`${name} is read, and every second of it is whole`, async () => {
    const run = await readRun(`${REFERENCE}/${name}`)
    const stages = run.trials.flatMap((trial) => trial.stages)
    assert.ok(stages.length > 0)
    for (const { seconds, holdS } of stages) assert.ok(seconds.length <= holdS + 0.01)
  })

  test(`${name} has no verdict that rests on fewer than three trials`, async () => {
    const run = withAnalysis(await readRun(`${REFERENCE}/${name}`))
    for (const { verdict, id } of run.claims)
      assert.ok(verdict === 'inconclusive' || run.configuration.trials >= 3, id)
    for (const { interval, prediction, provisional } of run.crossings) {
      assert.equal(interval === null, prediction === null)
      if (provisional) assert.equal(interval, null)
    }
  })
}

test('a run of version 1 is read as it was written: without its conclusions, and without fragments', async () => {
  const path = `${REFERENCE}/compose-standard/run.json`
  const { fromVersion1 } = await import('../../runner/results/older-versions.ts')
  const now = await readRun(`${REFERENCE}/compose-standard`)
  const old = JSON.parse(await readFile(path, 'utf8'))
  const [stage] = old.trials[0].stages
  const fragment = { atS: Math.floor(stage.holdS), requests: 3, failed: 0, meanMs: 900 }
  const whole = stage.seconds.length
  stage.seconds.push(fragment)
  const read = fromVersion1({ ...old, version: 1 })
  assert.equal(read.trials[0]?.stages[0]?.seconds.length, whole)
  assert.deepEqual([read.crossings, read.claims], [[], []])
  assert.deepEqual(withAnalysis(read).crossings, withAnalysis(now).crossings)
})
