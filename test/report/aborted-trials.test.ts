import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { analyse } from '../../runner/analysis/analyse.ts'
import { analyseArm } from '../../runner/analysis/arm-analysis.ts'
import { levelAtCrossing } from '../../runner/analysis/claims/arms.ts'
import { predictions } from '../../runner/analysis/claims/predictions.ts'
import { judgeClaims } from '../../runner/analysis/claims/verdict.ts'
import { compare, costOver, sharedSteps } from '../../runner/analysis/compare/compare.ts'
import { measuredArms, trialsOf } from '../../runner/analysis/compare/comparison.ts'
import { refusals, sideDifferences } from '../../runner/analysis/compare/refusals.ts'
import { knowsWaits } from '../../runner/analysis/crossing/estimate.ts'
import { earlierCrossing } from '../../runner/analysis/crossing/search.ts'
import { equalThroughput } from '../../runner/analysis/equal-throughput.ts'
import { decisionsOf, decisionTexts } from '../../runner/analysis/factors/decisions.ts'
import { FIGURES, observe } from '../../runner/analysis/factors/grid.ts'
import { factorViews } from '../../runner/analysis/factors/levels.ts'
import { optimumOf } from '../../runner/analysis/factors/optimum.ts'
import { evennessUnderLoad, mostInUse } from '../../runner/analysis/host-state.ts'
import { armNames, equalUsers, equalUtilisation, levels } from '../../runner/analysis/levels.ts'
import { comparedArms, isPreciseEnough, precisionText } from '../../runner/analysis/precision.ts'
import { judgedAgain, leftOut } from '../../runner/analysis/standing.ts'
import type { Run } from '../../runner/measurement/run.ts'
import type { Stage } from '../../runner/measurement/stage.ts'
import type { Studied } from '../../runner/measurement/study.ts'
import type { Trial } from '../../runner/measurement/trial.ts'
import { costChart } from '../../runner/report/charts/cost.ts'
import { cpuChart } from '../../runner/report/charts/cpu.ts'
import { distributionChart } from '../../runner/report/charts/distribution.ts'
import { factorCharts } from '../../runner/report/charts/factor.ts'
import { interactionChart } from '../../runner/report/charts/interaction.ts'
import { responseTimeChart } from '../../runner/report/charts/response-time.ts'
import { stagePoints } from '../../runner/report/charts/series.ts'
import { studyRampChart } from '../../runner/report/charts/study-ramp.ts'
import { throughputChart } from '../../runner/report/charts/throughput.ts'
import { answerOf, answerText, conclusionText } from '../../runner/report/answer.ts'
import { cautionText } from '../../runner/report/caution.ts'
import { curveOf } from '../../runner/report/charts/curve.ts'
import { method, testbedLine } from '../../runner/report/method.ts'
import { armSheet } from '../../runner/report/tables/arm.ts'
import { claimsSheet, narrowClaimsSheet, tally } from '../../runner/report/tables/claims.ts'
import { busyCostSheet, costSheet } from '../../runner/report/tables/cost.ts'
import { crossingsSheet } from '../../runner/report/tables/crossings.ts'
import { endpointsSheet } from '../../runner/report/tables/endpoints.ts'
import { factorsSheet, levelSheets } from '../../runner/report/tables/factors.ts'
import { rampSheet } from '../../runner/report/tables/ramp.ts'
import { predictedSheets, studyFiguresSheets } from '../../runner/report/tables/study-figures.ts'
import { studyStepsSheet } from '../../runner/report/tables/study-steps.ts'
import { validitySheet } from '../../runner/report/tables/validity.ts'
import { stagesCsv } from '../../runner/results/stages-csv.ts'
import { STUDY } from '../../study/study.ts'
import { simulatedFactor } from '../fixtures/simulated-factor.ts'
import {
  asOwnArms,
  runOf,
  simulatedGrid,
  simulatedRun,
  withRunningMeans,
} from '../fixtures/simulated-run.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const other = judgedAgain({ ...runOf(9, { trials: 3 }) })
const sides = (run: Studied<Run>) =>
  [
    { name: 'A', runs: [run] },
    { name: 'B', runs: [other] },
  ] as const
const byArm = <T>(run: Run, of: (arm: string) => T) => armNames(run).map(of)
const analyses = (run: Studied<Run>) =>
  new Map(byArm(run, (arm) => [arm, analyseArm(run, arm)] as const))

/** Every function that makes something of a whole run, called with it: none may see an aborted trial. */
const CONSUMERS: Readonly<Record<string, (run: Studied<Run>) => unknown>> = {
  analyse: (run) => analyse(run),
  analyseArm: (run) =>
    [...analyses(run)].map(([arm, { byTrial, ...known }]) => {
      const trials = [...byTrial].map(([round, { usersAt, ...of }]) => [round, of, usersAt(200)])
      return [arm, known, trials]
    }),
  predictions,
  judgeClaims: (run) => judgeClaims({ run, arms: analyses(run) }),
  levelAtCrossing: (run) =>
    run.crossings.map((crossing) => levelAtCrossing(run, crossing)?.valid.length),
  compare: (run) => compare(...sides(run)),
  costOver: (run) => trialsOf(run, 'pooled').map((trial) => costOver(trial, 'app', [40, 80])),
  sharedSteps: (run) => byArm(run, (arm) => sharedSteps(trialsOf(run, arm), 'app')),
  measuredArms,
  trialsOf: (run) => byArm(run, (arm) => trialsOf(run, arm).length),
  refusals: (run) => refusals(...sides(run)),
  sideDifferences: (run) => sideDifferences(...sides(run)),
  earlierCrossing: (run) =>
    byArm(run, (arm) =>
      earlierCrossing(
        run.trials.filter((trial) => trial.arm === arm),
        run.configuration,
      ),
    ),
  decisionsOf,
  decisionTexts,
  observe: (run) => FIGURES.map((name) => observe(run, name)),
  factorViews,
  optimumOf: (run) =>
    optimumOf(
      run,
      run.configuration.arms.map(({ name, level = name }) => {
        const found = run.crossings.find(({ arm }) => arm === name)
        return { arm: name, level, crossingState: found?.state ?? null }
      }),
    ),
  evennessUnderLoad: ({ trials }) => evennessUnderLoad(trials),
  mostInUse: ({ trials, environment }) => mostInUse(trials, environment),
  armNames,
  equalThroughput: (run) => {
    const { perS, arms } = equalThroughput(run)
    return {
      perS,
      arms: arms.map(({ at, ...known }) => [known, at(({ cpu }) => cpu.app?.usPerRequest)]),
    }
  },
  equalUsers: (run) => valid(equalUsers(run).arms.map(({ level }) => level)),
  equalUtilisation: (run) =>
    valid(
      equalUtilisation(
        run,
        new Map(run.crossings.map(({ arm, ceilingPerS }) => [arm, ceilingPerS ?? 1])),
      ).map(({ level }) => level),
    ),
  levels: (run) => byArm(run, (arm) => valid(levels(run, arm))),
  comparedArms,
  isPreciseEnough: (run) => [0.01, 0.05, 0.2].map((share) => isPreciseEnough(run, share)),
  precisionText,
  studyRampChart,
  costChart,
  cpuChart,
  distributionChart,
  factorCharts,
  interactionChart,
  responseTimeChart,
  stagePoints: (run) => stagePoints(run, 'pooled', ({ all }) => all.meanMs),
  curveOf: (run) => curveOf(run, 'pooled', [10, 100]),
  throughputChart,
  answerOf,
  answerText,
  conclusionText,
  cautionText,
  tally,
  method: (run) => method(run),
  knowsWaits: ({ trials }) => knowsWaits(trials),
  testbedLine,
  predictedSheets,
  studyFiguresSheets,
  studyStepsSheet: (run) => studyStepsSheet(run, STUDY, predictions(run) ?? []),
  claimsSheet,
  narrowClaimsSheet,
  busyCostSheet,
  costSheet,
  crossingsSheet,
  factorsSheet,
  levelSheets,
  rampSheet,
}

/** What takes a run, and does not have to be the same without the trial. */
const NOT_COMPARED: Readonly<Record<string, string>> = {
  probeAnswer: 'shows each stage, these INVALID: below',
  probeText: 'made of the sheets',
  armSheet: 'shows each stage, these INVALID: below',
  endpointsSheet: 'shows each stage, these INVALID: below',
  validitySheet: 'says what is left out: below',
  timelineChart: 'shows one trial as it went, these stages as invalid',
  drawCharts: 'made of the charts, a time line for each trial among them',
  markdownReport: 'made of the sheets',
  terminalReport: 'made of the sheets',
  htmlReport: 'made of the sheets',
  environmentSheet: 'says what the run ran on, the machine during the trial included',
  remarks: 'says what the machine did, during the trial too',
  hostRemarks: 'says what the machine did, during the trial too',
  sectionsOf: 'the order of what the reports show',
  yardstickRange: 'of the machine',
  yardstickOf: 'of the machine',
  judgedAgain: 'makes the trial stand or not',
  standing: 'makes the trial stand or not',
  leftOut: 'says what is left out',
  combined: 'joins runs',
  armOf: 'reads the configuration alone',
  contenderOf: 'reads the configuration alone',
  ownArmOf: 'reads the configuration alone',
  modeOf: 'reads the configuration alone',
  comparesConnections: 'reads the configuration alone',
  mayCompete: 'says what the machine did, during the trial too',
  competed: 'says what the machine did, during the trial too',
  nothingCounts: 'of one trial, whose machine is asked about',
  machineWarning: 'of the machine',
  factorNames: 'reads the configuration alone',
  armFactors: 'reads the configuration alone',
  armLooks: 'names and colours',
  changesText: 'of a commit',
}

const valid = (of: readonly { users: number; valid: readonly Stage[] }[]) =>
  of.filter((level) => level.valid.length > 0).map((level) => [level.users, level.valid])

test('every exported function of analysis and report that takes trials is in one of the two lists', async () => {
  const files = await Array.fromAsync(glob('runner/{analysis,report}/**/*.ts', { cwd: ROOT }))
  const takes =
    /\b(?:Run|Side|Loaded|Trials|Context|Analysed|Unanalysed|Testified)\b|\btrials: readonly|typeof testbedLine/
  const found: string[] = []
  for (const file of files.filter((name) => !name.endsWith('.test.ts'))) {
    const source = await readFile(ROOT + file, 'utf8')
    const functions = source.matchAll(/^export (?:async )?function (\w+)[^(]*\(([\s\S]*?)\)[:\s]/gm)
    for (const [, name = '', parameters = ''] of functions)
      if (takes.test(parameters) && !/readonly \(|readonly TrialCrossing/.test(parameters))
        found.push(name)
  }
  assert.ok(found.length > 50, 'they are found')
  const listed = new Set([...Object.keys(CONSUMERS), ...Object.keys(NOT_COMPARED)])
  assert.deepEqual(
    found.filter((name) => !listed.has(name)),
    [],
  )
})

/** Another service answers 20 times as fast, for next to no CPU: what the issue saw. */
function ofAnother(stage: Stage): Stage {
  const faster = (figures: Stage['all']): Stage['all'] => ({
    ...figures,
    meanMs: (figures.meanMs ?? 0) / 20,
    throughputPerS: figures.throughputPerS * 3,
  })
  const app = { cores: 0.01, usPerRequest: 2.3, throttledRatio: 0.9 }
  const nginx = stage.cpu.nginx && { ...stage.cpu.nginx, cores: 9, usPerRequest: 900 }
  const cpu = { ...stage.cpu, app, ...(nginx ? { nginx } : {}) }
  return { ...stage, all: faster(stage.all), cpu, validity: { valid: true, reasons: [] } }
}

const FAILED = { acknowledged: 13_700, inDoubt: 0, stored: 8_700, quantity: 8_700, sold: 8_700 }
const broke = { name: 'x', expected: 'y', got: 'z', remedy: '' }
const proved = { arm: 'pooled', instance: 'a1', proofs: 1, heldStages: 0 }
const ABORTED: Readonly<Record<string, Partial<Trial>>> = {
  'another answered': { state: 'aborted', abortedBy: 'identity', problem: 'Not pooled.' },
  'nothing says why it was aborted': {
    state: 'aborted',
    problem: 'Not pooled but floor answers.',
    identity: { ...proved, proofs: 9, heldStages: 8 },
  },
  'its audit failed': {
    state: 'aborted',
    abortedBy: 'audit',
    audit: { ...FAILED, oversold: 0, passed: false },
  },
  'its audit failed, though it ended': { audit: { ...FAILED, oversold: 0, passed: false } },
  'it broke the contract': { state: 'aborted', contractFailures: [broke] },
  'interrupted before any stage was proved': {
    state: 'aborted',
    abortedBy: 'other',
    problem: 'Interrupted.',
    identity: proved,
  },
  'killed before any stage was proved': { state: 'running', identity: proved },
}

const RUNS: Readonly<Record<string, () => Run>> = {
  'three arms': () => simulatedRun({ trials: 4 }),
  'a grid': () => simulatedGrid({ trials: 3 }),
  'a factor': () =>
    simulatedFactor('pool size', [
      { level: '1', model: { ceilingPerS: 700 } },
      { level: '10' },
      { level: '50' },
    ]),
  'the study’s hosts': () => {
    const run = asOwnArms(withRunningMeans(simulatedRun({ trials: 4 })))
    const hosts = { kind: STUDY.id, speed: 1, appCores: 1, dbCores: 2, periodUs: 10_000 } as const
    return { ...run, configuration: { ...run.configuration, hosts } }
  },
}

const analysed = (run: Studied<Run>): Studied<Run> => {
  const again = judgedAgain(run)
  return { ...again, ...analyse({ ...again, study: STUDY }), study: STUDY }
}

/** What becomes of a trial does not depend on the kind of run: each way of three arms, and of the others two. */
const WAYS_OF_OTHERS = ['its audit failed, though it ended', 'killed before any stage was proved']

for (const [what, made] of Object.entries(RUNS))
  for (const [how, change] of Object.entries(ABORTED).filter(
    ([name]) => what === 'three arms' || WAYS_OF_OTHERS.includes(name),
  ))
    test(`${what}: a trial of which ${how} enters nothing`, () => {
      const run = made()
      // The last of its arm: what is left has the same numbers.
      const bad = run.trials.findLast(({ arm }) => /pooled|fastapi/.test(arm))
      assert.ok(bad)
      const spoiled = { ...bad, ...change, roundTripMs: 50, stages: bad.stages.map(ofAnother) }
      const trials = run.trials.map((trial) => (trial === bad ? spoiled : trial))
      const without = analysed({ ...run, trials: run.trials.filter((trial) => trial !== bad) })
      const spoilt = analysed({ ...run, trials })
      for (const [name, consume] of Object.entries(CONSUMERS))
        assert.deepEqual(consume(spoilt), consume(without), name)
      // It is shown, and said.
      const [said] = leftOut(spoilt.trials)
      assert.match(said ?? '', new RegExp(`^${bad.arm}, trial ${bad.index + 1}, is left out: .`))
      assert.ok(validitySheet(spoilt).notes.includes(said ?? ''))
      const own = armSheet(spoilt, bad.arm).rows.filter(
        ([first]) => first?.text === String(bad.index + 1),
      )
      assert.equal(own.length, bad.stages.length)
      assert.ok(own.every((row) => row.at(-1)?.text === 'INVALID'))
      assert.ok(
        endpointsSheet(spoilt, bad.arm).rows.some((row) => /INVALID/.test(row[1]?.text ?? '')),
      )
      const rows = stagesCsv(spoilt)
        .split('\n')
        .filter((row) => row.startsWith(`${bad.arm},${bad.index},`))
      assert.ok(rows.length > 0 && rows.every((row) => row.includes(',false,')))
      // Judged again it is the same: what is stored is what is read.
      assert.deepEqual(analysed(spoilt), spoilt)
    })

test('of a trial that broke off, the stages after which it was proved stand', () => {
  const run = simulatedRun({ trials: 3 })
  const [first] = run.trials
  assert.ok(first)
  const cut = (identity: Trial['identity'], state: Trial['state'] = 'aborted') => {
    const trial: Trial = {
      ...first,
      state,
      ...(state === 'aborted' ? { abortedBy: 'other' } : {}),
      problem: 'Interrupted.',
      ...(identity ? { identity } : {}),
    }
    const [again] = judgedAgain({ ...run, trials: [trial] }).trials
    return again?.stages.map(({ validity }) => validity.valid)
  }
  const all = first.stages.map(() => true)
  const only = (from: number, to: number) => first.stages.map((_, at) => at >= from && at < to)
  const base = { arm: 'pooled', instance: 'a1', proofs: 4 }
  assert.deepEqual(cut({ ...base, heldStages: 3 }), only(0, 3))
  assert.deepEqual(cut({ ...base, heldStages: 3 }, 'running'), only(0, 3))
  assert.deepEqual(cut({ ...base, heldStages: 3, lateStages: 1 }), only(1, 3))
  // What cannot be proved stands as far as it answered, as it would in a whole trial.
  assert.deepEqual(cut({ arm: null, instance: null, proofs: 0, heldStages: 2 }), only(0, 2))
  // Nothing says after which stages it answered.
  assert.deepEqual(cut(base), only(0, 0))
  assert.deepEqual(cut(undefined), only(0, 0))
  assert.deepEqual(cut({ ...base, heldStages: 3 }, 'complete'), all)
})

for (const check of ['figures', 'limits'] as const)
  test(`a stage that is INVALID by ${check} stays so when a run is judged again`, () => {
    const run = simulatedRun()
    const [stage] = run.trials[0]?.stages ?? []
    assert.ok(stage)
    const lost = { check, figure: 0, bound: 0, text: 'connections' } as const
    stage.validity = { valid: false, reasons: [lost] }
    const again = judgedAgain(run).trials[0]?.stages[0]
    assert.deepEqual(again?.validity, { valid: false, reasons: [lost] })
  })
