import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { test } from 'node:test'
import { estimatedMs } from '../../runner/plan/plan.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { KIT } from '../docker/kit.ts'

const REFERENCE = `${KIT}results/reference`

/** Of recorded runs: no clock of this test's is involved. */
for (const name of await readdir(REFERENCE)) {
  test(`the time that ${name} took is within 20 % of what is said at its start`, async () => {
    const { configuration, startedAt, finishedAt } = await readRun(`${REFERENCE}/${name}`)
    const tookMs = Date.parse(finishedAt ?? '') - Date.parse(startedAt)
    const trials = configuration.trials * configuration.arms.length
    const off = estimatedMs(configuration, trials) / tookMs - 1
    assert.ok(Math.abs(off) <= 0.2, `${(off * 100).toFixed(1)} % off`)
  })
}
