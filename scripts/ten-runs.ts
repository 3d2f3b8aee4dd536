import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readRun } from '../runner/results/run-folder.ts'
import { childrenOf, leftBehind, leftRunning, startRun } from '../test/testbed/runs.ts'

const RUNS = 10

test(`${RUNS} smoke runs in a row leave no process and no folder`, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'ten-runs-'))
  // Started by root, the server runs as another user, who must be let in.
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true }))
  const started: number[] = []
  for (let count = 1; count <= RUNS; count += 1) {
    const out = join(folder, `run-${count}`)
    const run = startRun(folder, ['--profile', 'smoke', '--out', out])
    await run.until(/40 users: [\d.]+\/s/)
    started.push(...(await childrenOf(run.child.pid ?? 0, '')))
    assert.equal(await run.ended(), 0, run.said())
    assert.equal((await readRun(out)).state, 'complete')
  }
  if (process.platform === 'linux') assert.ok(started.length >= RUNS, 'their processes were seen')
  assert.deepEqual(await leftRunning(folder, started), [])
  assert.deepEqual(await leftBehind(folder), [])
  const results = Array.from({ length: RUNS }, (_, at) => `run-${at + 1}`)
  assert.deepEqual((await readdir(folder)).toSorted(), results.toSorted())
  t.diagnostic(`${started.length} processes started, 0 left`)
})
