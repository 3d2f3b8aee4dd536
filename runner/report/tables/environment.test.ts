import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../../test/fixtures/simulated-run.ts'
import { environmentSheet } from './environment.ts'

test('where hosts are fitted for each round, an arm with a CPU limit of its own is said to have that', () => {
  const run = simulatedRun()
  const none = { version: null, image: null, imageId: null, digest: null, standIn: false }
  const app = (name: string, cpuLimitCores: number) => ({
    ...none,
    part: 'app',
    name,
    cpuLimitCores,
    memoryLimitMb: null,
  })
  // As Compose names the containers of the arms `pooled` and `persistent`.
  const parts = [app('samehost-pooled-1', 0.1), app('samehost-persistent-1', 0.26)]
  const hosts = { speed: 0.26, appCores: 0.26, dbCores: 0.52 }
  const trials = run.trials.map((trial) => ({
    ...trial,
    hosts,
    armLimits: { cores: trial.arm === 'pooled' ? 0.1 : 0.26 },
  }))
  const { rows } = environmentSheet({
    ...run,
    trials,
    environment: { ...run.environment, parts },
  })
  const read = rows.flatMap(([what, text]) => (what?.text === 'app' ? [text?.text] : []))
  assert.match(read[0] ?? '', /^samehost-pooled-1, 0\.1 \S*(?!.*fitted)/)
  assert.doesNotMatch(read[0] ?? '', /fitted/)
  assert.match(read[1] ?? '', /0\.26 cores, fitted for each round/)
})
