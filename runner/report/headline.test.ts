import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  analysed as judged,
  asOwnArms,
  SIMULATED_MODELS,
  simulatedRun,
  STUDY,
} from '../../test/fixtures/simulated-run.ts'
import type { Model } from '../../test/fixtures/simulated-stage.ts'
import type { Run } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import type { Hosts } from '../plan/hosts.ts'
import { comparison, headline, method, testbedLine } from './headline.ts'
import { htmlReport } from './html/page.ts'
import { markdownReport } from './markdown.ts'
import { capital } from './sheet.ts'
import { crossingsSheet } from './tables/crossings.ts'
import { terminalReport } from './terminal.ts'

test('kept connections stand against a new one for each request, with the interval', () => {
  assert.match(
    comparison(judged(simulatedRun({ trials: 3 }))),
    /^pooled serves 6\.\d+ times the users of per-request \(95 % interval, of this run: 6\.\d+ to 6\.\d+\) before/,
  )
})

test('the answer comes first: does the conclusion hold, by what factor, and what tests the figures?', () => {
  const answer = (change: Partial<Model>) => {
    const pooled = { ...SIMULATED_MODELS['pooled']!, ...change }
    return headline(judged(simulatedRun({ trials: 3, models: { ...SIMULATED_MODELS, pooled } })))
  }
  const whose = `${capital(STUDY.name)}’s conclusion`
  const tested = `Its figures are tested by \`${STUDY.ownCommand}\`. pooled `
  const holds = answer({})
  assert.ok(holds.startsWith(`${whose} holds here: 6.`), holds)
  assert.match(holds, / 6\.\d times \(6\.\d to 6\.\d\)\. Its figures/)
  assert.ok(holds.includes(tested), holds)
  const level = answer({ ceilingPerS: 300 })
  assert.ok(level.startsWith(`${whose} does not hold here: 1.0`), level)
  assert.ok(level.includes(tested), level)
  assert.match(
    headline(judged(simulatedRun())),
    /^Whether [^:]* conclusion holds here cannot be told: provisional: 1 trial, /,
  )
})

test('of the arms of the study itself on hosts of its speed the answer says how far its figures are', () => {
  const limits = { speed: 0.13, appCores: 0.13, dbCores: 0.26, periodUs: 100_000 }
  const own = asOwnArms(simulatedRun({ trials: 3 }))
  const configuration = { ...own.configuration, hosts: { kind: STUDY.id, ...limits } }
  const text = headline(judged({ ...own, configuration }))
  assert.match(
    text,
    /holds here: [^)]*\)\. Its figures, on hosts of its speed: requests\/s \d+ % \(8 figures, over the bound of 15 %\)/,
  )
  assert.doesNotMatch(text, /are tested by/)
  assert.match(
    headline(judged(own)),
    new RegExp(`holds here: [^)]*\\)\\. ${STUDY.arms.pooled} serves`),
  )
})

test('one trial is said to be provisional, and no claim is decided by it', () => {
  const text = headline(judged(simulatedRun()))
  assert.match(text, /\(provisional: 1 trial, no interval\)/)
  assert.match(
    text,
    /0 are reproduced, 0 are not reproduced .* because fewer than 3 trials have the figure/,
  )
})

test('a curve on which no fit settled is said beside the ratio and under the crossings, and one that did not matter is not', () => {
  const run = judged(simulatedRun({ trials: 3 }))
  const unsettled = (name: string): Run => ({
    ...run,
    crossings: run.crossings.map((one) => (one.arm === name ? { ...one, converged: false } : one)),
  })
  assert.match(
    headline(unsettled('per-request')),
    /pooled serves .*?: [\d.]+ against [\d.]+\. The fit of the curve of per-request did not converge: /,
  )
  assert.doesNotMatch(headline(unsettled('persistent')), /did not converge/)
  const notes = (of: Run) => crossingsSheet(of).notes.join('\n')
  assert.match(notes(unsettled('persistent')), /the curve of persistent did not converge/)
  assert.doesNotMatch(notes(run), /did not converge/)
})

test('a run from before failures counted is not said to count them', () => {
  const run = simulatedRun()
  assert.match(method(run).join(), /What crosses is of good answers alone, but/)
  for (const stage of run.trials.flatMap(({ stages }) => stages))
    stage.waited = { meanMs: stage.all.meanMs, p95Ms: stage.all.p95Ms }
  assert.match(method(run).join(), /What crosses is what users waited/)
})

test('where one of the two did not cross it says that it cannot compare, and why', () => {
  const models = {
    ...SIMULATED_MODELS,
    pooled: { ...SIMULATED_MODELS['pooled']!, ceilingPerS: 1e6 },
  }
  assert.match(
    comparison(judged(simulatedRun({ trials: 3, models }))),
    /^pooled and per-request cannot be compared\. pooled: .* per-request: /,
  )
})

test('arms of which none crossed are reported in one sentence', () => {
  assert.match(
    comparison(judged(simulatedRun({ search: false }))),
    /^No arm’s mean response time reaches 100 ms with the users[^.]*\.$/,
  )
})

test('without both kinds of connections each arm is reported as it is', () => {
  const models = { pooled: SIMULATED_MODELS['pooled']! }
  assert.match(comparison(judged(simulatedRun({ models }))), /^pooled: the mean response time/)
})

/** Arms of which no study knows anything: targets, whose mode is unknown, or several of one mode. */
function ownArms(mode: 'pooled' | null, ...ceilings: number[]): Run {
  const base = SIMULATED_MODELS['pooled']!
  const models = Object.fromEntries(
    ceilings.map((ceilingPerS, at) => [`mine-${'abc'[at]}`, { ...base, ceilingPerS }]),
  )
  const run = simulatedRun({ trials: 3, models })
  for (const arm of run.configuration.arms) arm.mode = mode
  return judged(run)
}

for (const mode of [null, 'pooled'] as const)
  test(`of two arms of one's own (${mode}) the ratio is said with its interval, and nothing of a study`, () => {
    const run = ownArms(mode, 1000, 2000)
    assert.match(
      headline(run),
      /^mine-b serves (1\.9|2\.0)\d times the users of mine-a \(95 % interval, of this run: [\d.]+ to [\d.]+\) before .*: \d+ against \d+\. The ratio is known to ±/,
    )
    assert.deepEqual(run.claims, [])
    for (const text of [terminalReport(run, SCREEN), markdownReport(run), htmlReport(run, [])])
      assert.doesNotMatch(
        text,
        new RegExp(`${STUDY.name} says|${STUDY.name}’s figures|claim|no arm of this run`, 'i'),
      )
  })
const SCREEN = { columns: 100, colour: false, unicode: true }

test('of three arms of one’s own each stands against the first, and a precision is of all ratios', () => {
  const run = ownArms(null, 1000, 2000, 500)
  const text = headline(run)
  assert.match(
    text,
    /mine-b serves [12]\.\d+ times the users of mine-a .* mine-c serves 0\.\d+ times the users of mine-a/,
  )
  assert.match(text, /The ratio of mine-[bc] to mine-a is known to ±/)
})

test('a claim is judged only where arms play both of its parts', () => {
  const { persistent: _, ...models } = SIMULATED_MODELS
  const { claims } = judged(simulatedRun({ trials: 3, models }))
  assert.ok(claims.length > 0)
  assert.ok(claims.every(({ reason }) => !reason.includes('no arm of this run')))
  assert.ok(claims.every(({ id }) => id !== 'persistent-is-level'))
})

/** The run with so many cores used by the application and by the database in its first stage, and few elsewhere. */
function withUse(run: Run, app: number, db: number): Run {
  const stages = run.trials.flatMap((trial) => trial.stages)
  for (const { cpu } of stages) for (const figures of Object.values(cpu)) figures.cores = 0.05
  const [first] = stages
  assert.ok(first?.cpu.app && first.cpu.db)
  first.validity = { valid: true, reasons: [] }
  first.cpu.app.cores = app
  first.cpu.db.cores = db
  return run
}

test('the line of a table says what was used, and that parts compete only where that came near the machine', () => {
  // Its limits add up to 4.5 cores of 2; Nginx and the runner use 0.1 together.
  assert.match(
    testbedLine(withUse(simulatedRun(), 0.6, 0.4)),
    /; limits add up to 4\.5 cores on a 2-core host; at most 1\.1 of 2 cores in use$/,
  )
  assert.match(testbedLine(withUse(simulatedRun(), 0.6, 1.09)), /; at most 1\.8 of 2 cores in use$/)
  assert.match(
    testbedLine(withUse(simulatedRun(), 0.6, 1.11)),
    /; at most 1\.8 of 2 cores in use: the parts compete$/,
  )
  const apart = withUse(simulatedRun(), 0.5, 0.41)
  apart.environment = { ...apart.environment, partCores: 1 }
  assert.match(testbedLine(apart), /; at most 1\.0 of 2 cores in use: the parts compete$/)
})

test('a stage that is no measurement says nothing of the use, and neither do parts that nobody saw', () => {
  const run = withUse(simulatedRun(), 0.6, 1.3)
  const [stage] = run.trials[0]?.stages ?? []
  assert.ok(stage)
  stage.validity = { valid: false, reasons: [] }
  assert.match(testbedLine(run), /; at most 0\.2 of 2 cores in use$/)
  for (const { stages } of run.trials) for (const each of stages) each.cpu = {}
  assert.match(testbedLine(run), /on a 2-core host; the parts may compete$/)
  const small: Hosts = { kind: 'fit', speed: 0.2, appCores: 0.2, dbCores: 0.4, periodUs: 10_000 }
  const onHosts = { ...run, configuration: { ...run.configuration, hosts: small } }
  assert.match(testbedLine(onHosts), /CFS period 10 ms$/)
  onHosts.configuration.hosts = { ...small, kind: 'pinned', appCores: 1, dbCores: 2 }
  assert.match(testbedLine(onHosts), /; the parts may compete$/)
  run.environment = { ...run.environment, oversubscribed: false, limitCores: null }
  assert.match(testbedLine(run), /; no CPU limits on a 2-core host$/)
})

test('with hosts of a speed the line names them, and the factor of the ramp', () => {
  const run = withUse(simulatedRun(), 0.26, 0.52)
  const hosts = {
    kind: 'fit' as const,
    speed: 0.26,
    appCores: 0.26,
    dbCores: 0.52,
    periodUs: 10_000,
  }
  run.configuration = { ...run.configuration, hosts, rampFactor: 3.7 }
  const begins = 'hosts that fit the machine: app 0.26, database 0.52 cores, CFS period 10 ms; '
  const ends = '; at most 0.9 of 2 cores in use'
  const ofStudy = `one of ${STUDY.name}’s users is 3.7 here`
  const said = (study: Study | null) => testbedLine({ ...run, study })
  assert.ok(said(STUDY).endsWith(`; ${begins}${ofStudy}${ends}`), said(STUDY))
  const ramp = { ...STUDY.ramp, crossing: STUDY.ramp.crossing / 2 }
  assert.match(said({ ...STUDY, ramp }), /users is 7\.4 here;/)
  assert.ok(
    said(null).endsWith(`; ${begins}the ramp is the profile’s times 3.7${ends}`),
    said(null),
  )
})

test('of parts on other hosts the use of this one says nothing', () => {
  for (const testbed of ['remote', 'swarm'] as const) {
    const run = withUse(simulatedRun(), 0.9, 1.5)
    run.environment = { ...run.environment, testbed, label: `${testbed} hosts`, limitCores: null }
    assert.equal(testbedLine(run), `${testbed} hosts`)
  }
})

test('that the machine had no time for the run comes before any figure, in every form', () => {
  const run = judged(simulatedRun())
  for (const { stages } of run.trials)
    for (const stage of stages) {
      const text = 'users thought 9.00 ms longer than they were asked to (mean)'
      const reasons = [{ check: 'think-time' as const, figure: 9, bound: 0.5, text }]
      stage.validity = { valid: false, reasons }
    }
  const busy = judged(run)
  const begins =
    /^Nothing that was measured counts: all \d+ stages are INVALID, \d+ of them because the machine/
  assert.match(headline(busy), begins)
  assert.match(terminalReport(busy, { columns: 300, colour: false, unicode: true }), begins)
  assert.match(markdownReport(busy).split('\n')[2] ?? '', /^\*\*Nothing that was measured counts/)
  const page = htmlReport(busy, [])
  const [at, first] = ['Nothing that was measured counts', 'class="headline'].map((text) =>
    page.indexOf(text),
  )
  assert.ok(at !== undefined && first !== undefined && at > 0 && at < first)
})

test('a machine that was busy before a trial is told first, though stages are valid', () => {
  const run = judged(simulatedRun())
  const [first] = run.trials
  assert.ok(first?.host)
  first.host = { ...first.host, busyRatio: 0.6 }
  assert.match(
    headline(run),
    /^Beware: the machine was busy with other work \(60 % before pooled, trial 1\)/,
  )
  first.host = { ...first.host, busyRatio: 0.05 }
  assert.doesNotMatch(headline(run), /Beware/)
})
