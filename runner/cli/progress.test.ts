import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { ExperimentEvent } from '../experiment/trial.ts'
import { startProgress } from './progress.ts'

const [trial] = simulatedRun().trials
assert.ok(trial)
const MINUTE_MS = 60_000

/** Plays events at their minutes to a log, or to a terminal of so many columns, and gives what was written. */
function logged(
  estimatedMin: number,
  events: readonly (readonly [atMin: number, event: ExperimentEvent])[],
  columns?: number,
): string[] {
  let nowMs = 0
  const lines: string[] = []
  const write = (text: string) => void lines.push(text.trimEnd())
  const output = { isTerminal: columns !== undefined, columns: columns ?? 100, write }
  const tell = startProgress(output, estimatedMin * MINUTE_MS, () => nowMs)
  for (const [atMin, event] of events) {
    nowMs = atMin * MINUTE_MS
    tell(event)
  }
  return lines
}

const started = (order: number, of: number, after = of - order - 1): ExperimentEvent => ({
  kind: 'trial-started',
  trial: { ...trial, order },
  of,
  after,
})
const stage: ExperimentEvent = {
  kind: 'stage-started',
  users: 40,
  stageKind: 'ramp',
  lengthMs: 27_000,
}
const ended: ExperimentEvent = { kind: 'trial-ended', trial }

test('the time left follows what the trials take', () => {
  const lines = logged(30, [
    [0, started(0, 3)],
    [1, stage],
    [14, ended],
    [14, started(1, 3)],
    [15, stage],
  ])
  assert.match(lines[0] ?? '', /^\[1\/3\] \S+ 40 users: 27 s to go · about 29 min left$/)
  // The first took 14 minutes and not 10: so will the two that are left, of which one minute is over.
  assert.match(lines.at(-1) ?? '', /^\[2\/3\].* about 27 min left$/)
})

test('on a terminal of any width the time left is whole, and so is each core that is shown', () => {
  const counters = (cpuUs: number) => ({ atMs: cpuUs / 500, cpuUs })
  const parts = (us: number) => ({
    app: counters(us),
    db: counters(us),
    nginx: counters(us),
    runner: counters(us),
  })
  const reading = { kind: 'reading', reading: parts(2e6), before: parts(1e6) } as ExperimentEvent
  const shown = (columns: number): string =>
    logged(
      30,
      [
        [0, started(0, 3)],
        [1, stage],
        [1.1, reading],
      ],
      columns,
    )
      .at(-1)
      ?.replace('\r\u001B[2K', '') ?? ''
  for (let columns = 30; columns <= 200; columns += 1) {
    const line = shown(columns)
    assert.ok(line.length < columns, `${columns}: ${line}`)
    assert.match(line, / · about 29 min left( · cores: \w+ 0\.50(, \w+ 0\.50)*)?$/)
  }
  assert.match(
    shown(80),
    /^\[1\/3\] \S+ 40 users: 21 s to go · about 29 min left · cores: app 0\.50/,
  )
  assert.match(shown(200), /runner 0\.50$/)
})

test('a resumed run counts the trials of before, and reckons with those to come alone', () => {
  // Of four, the second and the last are left.
  const lines = logged(20, [
    [0, started(1, 4, 1)],
    [1, stage],
    [10, ended],
    [10, started(3, 4, 0)],
    [11, stage],
  ])
  assert.match(lines[0] ?? '', /^\[2\/4\] .* about 19 min left$/)
  assert.match(lines.at(-1) ?? '', /^\[4\/4\] .* about 9 min left$/)
})

test('a trial that outlasts the estimate says so', () => {
  const lines = logged(3, [
    [0, started(0, 1)],
    [4, stage],
  ])
  assert.match(lines.at(-1) ?? '', /27 s to go · takes longer than was estimated$/)
})

test('which requests failed, and how often, is in the line of the stage', () => {
  const [measured] = trial.stages
  assert.ok(measured)
  const errors = { 'status-503': 2, timeout: 10, 'journey-aborted': 12 }
  const failing = {
    ...measured,
    all: { ...measured.all, errors },
    outcomes: { ...measured.outcomes, failed: 12 },
  }
  const [, line = ''] = logged(3, [
    [0, started(0, 1)],
    [1, stage],
    [2, { kind: 'stage-ended', stage: failing }],
  ])
  assert.match(line, /, 12 failed \(timeout 10, status-503 2\)/)
})

test('what a service or its process wrote cannot drive the terminal or fake a line', () => {
  const problem = 'its process ended: \u001b[2J\u009b31m\u202e\r\nDONE: results in x'
  const [line = '', ...more] = logged(3, [
    [0, started(0, 1)],
    [1, { kind: 'trial-ended', trial: { ...trial, problem } }],
  ])
  assert.equal(line, `[1/1] ${trial.arm}: its process ended: DONE: results in x`)
  assert.deepEqual(more, [])
})

test('the fitting of the hosts before a trial is shown: what was tried, and what the trial has', () => {
  const limits = { speed: 0.15, appCores: 0.15, dbCores: 0.3 }
  const hosts = { ...limits, pilot: { speed: 0.14, ceilingPerS: 88.4 } }
  const lines = logged(10, [
    [0, started(0, 2)],
    [0.2, { kind: 'pilot-started', arm: 'fastapi-pooled' }],
    [0.4, { kind: 'hosts-fitted', hosts }],
  ])
  assert.match(lines.join('\n'), /fitting the hosts again, by fastapi-pooled/)
  assert.match(lines.join('\n'), /with 0\.14 of a core .* serves 88 requests\/s.* has 0\.15/)
  const failed = { ...limits, pilotProblem: 'fastapi-pooled does not run' }
  const without = logged(10, [
    [0, started(0, 2)],
    [0.2, { kind: 'hosts-fitted', hosts: failed }],
  ])
  assert.match(without.join('\n'), /pilot failed \(fastapi-pooled does not run\); .* has 0\.15/)
})
