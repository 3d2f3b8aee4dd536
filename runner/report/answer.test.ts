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
import { answerOf, answerText, sentencesOf } from './answer.ts'
import { htmlReport } from './html/page.ts'
import { markdownReport } from './markdown.ts'
import { capital } from './sheet.ts'
import { claimsSheet } from './tables/claims.ts'
import { crossingsSheet } from './tables/crossings.ts'
import { terminalReport } from './terminal.ts'

const withPooled = (change: Partial<Model>, trials = 3) => {
  const pooled = { ...SIMULATED_MODELS['pooled']!, ...change }
  return judged(simulatedRun({ trials, models: { ...SIMULATED_MODELS, pooled } }))
}

test('the answer says whether the conclusion holds here, by what factor with its interval, and what to do', () => {
  const { caution, conclusion, advice, certainty } = answerOf(withPooled({}))
  assert.equal(caution, null)
  assert.ok(conclusion.startsWith(`${capital(STUDY.name)}’s conclusion holds here: `), conclusion)
  assert.match(conclusion, /pooled serves 6\.\d times the users of per-request \(6\.\d to 6\.\d\)/)
  assert.match(advice ?? '', /^Keep connections open/)
  assert.match(certainty ?? '', /known to ±/)
  const level = answerOf(withPooled({ ceilingPerS: 300 }))
  assert.match(level.conclusion, /conclusion does not hold here: .* 1\.0\d times .* \(/)
  assert.match(level.advice ?? '', /makes little difference/)
})

test('it is three sentences at most, and one of them is what was found', () => {
  const cut = { ...withPooled({}), state: 'partial' as const }
  const runs = [withPooled({}), withPooled({}, 1), cut, ownArms(null, 1000, 2000), ownArms(null, 9)]
  for (const run of runs) {
    const sentences = sentencesOf(answerOf(run))
    assert.ok(sentences.length >= 1 && sentences.length <= 3, sentences.join('\n'))
    assert.ok(sentences.includes(answerOf(run).conclusion))
  }
})

test('one trial decides nothing, has no interval, and the answer says what would make it surer', () => {
  const { conclusion, certainty } = answerOf(judged(simulatedRun()))
  assert.match(
    conclusion,
    /conclusion holds here cannot be told: pooled .*\(1 trial, no interval\)/,
  )
  assert.match(certainty ?? '', /`--trials 3`/)
})

test('an interval that is open is said first: which trial, how many of its stages, which checks, and what to do', () => {
  const run = simulatedRun({ trials: 3 })
  const trial = run.trials.find(({ arm, index }) => arm === 'pooled' && index === 1)
  assert.ok(trial)
  for (const stage of trial.stages)
    if ((stage.waited?.meanMs ?? stage.meanWithTimeoutsMs ?? 0) > 30) {
      const text = 'the queue grew'
      const reasons = [{ check: 'flow-balance' as const, figure: 9, bound: 0.5, text }]
      stage.validity = { valid: false, reasons }
    }
  const refused = trial.stages.filter(({ validity }) => !validity.valid).length
  assert.ok(refused > 0 && refused < trial.stages.length)
  const { caution, conclusion, certainty } = answerOf(judged(run))
  assert.match(conclusion, /open above/)
  assert.ok(caution !== null)
  assert.match(caution, /^Beware: only a lower bound/)
  assert.match(caution, /trial 2 of pooled/)
  assert.ok(caution.includes(`${refused} of its ${trial.stages.length} stages`))
  assert.match(caution, /flow-balance/)
  assert.match(caution, /measure again/)
  assert.equal(certainty, null)
})

test('a machine whose own speed changed is said first, with what to do; one that kept it is not', () => {
  const run = withPooled({})
  for (const [at, { host }] of run.trials.entries())
    if (host) Object.assign(host, { yardstickBeforeMs: at === 0 ? 5.6 : 4, yardstickAfterMs: null })
  assert.match(answerOf(run).caution ?? '', /changed by 40 % .*measure again/)
  for (const { host } of run.trials) if (host) host.yardstickBeforeMs = 4
  assert.equal(answerOf(run).caution, null)
})

test('what to do names the pool and the connections kept without one only as far as the run can tell', () => {
  const advice = (change: Partial<Model>) => answerOf(withPooled(change)).advice ?? ''
  assert.match(advice({ ceilingPerS: 4000 }), /pooled serves more users than persistent/)
  assert.match(advice({ ...SIMULATED_MODELS['persistent']! }), /persistent is as good as pooled/)
})

test('of the arms of the study itself on hosts of its speed the claims say how far its figures are, of others what tests them', () => {
  const limits = { speed: 0.13, appCores: 0.13, dbCores: 0.26, periodUs: 100_000 }
  const own = asOwnArms(simulatedRun({ trials: 3 }))
  const configuration = { ...own.configuration, hosts: { kind: STUDY.id, ...limits } }
  const notes = (run: Run) => claimsSheet({ ...judged(run), study: STUDY }).notes.join('\n')
  assert.match(notes({ ...own, configuration }), /on hosts of its speed: requests\/s \d+ %/)
  assert.ok(notes(simulatedRun({ trials: 3 })).includes(STUDY.ownCommand))
  assert.ok(!notes(own).includes(STUDY.ownCommand))
})

test('that no claim is judged for want of trials is said once, and not beside each', () => {
  const run = judged(simulatedRun())
  assert.ok(run.claims.length > 1 && run.claims.every(({ provisional }) => provisional))
  const reason = run.claims[0]?.reason ?? ''
  for (const text of [terminalReport(run, { ...SCREEN, verbose: true }), markdownReport(run)]) {
    assert.equal(text.replaceAll(/\s+/g, ' ').split(reason).length - 1, 1)
    assert.doesNotMatch(text, /\? inconclusive/)
  }
})

test('a curve on which no fit settled is said in the answer and under the crossings, and one that did not matter is not', () => {
  const run = judged(simulatedRun({ trials: 3 }))
  const unsettled = (name: string): Run => ({
    ...run,
    crossings: run.crossings.map((one) => (one.arm === name ? { ...one, converged: false } : one)),
  })
  assert.match(answerOf(unsettled('per-request')).certainty ?? '', /per-request did not converge/)
  assert.doesNotMatch(answerText(unsettled('persistent')), /did not converge/)
  const notes = (of: Run) => crossingsSheet(of).notes.join('\n')
  assert.match(notes(unsettled('persistent')), /the curve of persistent did not converge/)
  assert.doesNotMatch(notes(run), /did not converge/)
})

test('where one of the two did not cross it says that it cannot compare, and where each crosses', () => {
  const { conclusion, advice } = answerOf(withPooled({ ceilingPerS: 1e6 }))
  assert.match(
    conclusion,
    /pooled and per-request cannot be compared: .*in pooled with more users than/,
  )
  assert.match(conclusion, /in per-request at \d+ users \(/)
  assert.equal(advice, null)
})

test('arms of which none crossed are reported in one sentence', () => {
  assert.match(
    answerOf(judged(simulatedRun({ search: false }))).conclusion,
    /no arm’s mean response time reaches 100 ms with the users[^.]*\.$/,
  )
})

test('without both kinds of connections each arm is reported as it is', () => {
  const models = { pooled: SIMULATED_MODELS['pooled']! }
  assert.match(
    answerOf(judged(simulatedRun({ models }))).conclusion,
    /^pooled: the mean response time reaches 100 ms at \d+ users \(provisional/,
  )
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
    const { conclusion, advice, certainty } = answerOf(run)
    assert.match(
      conclusion,
      /^mine-b serves (1\.9|2\.0)\d? times the users of mine-a \([\d.]+ to [\d.]+\) before/,
    )
    assert.equal(advice, null)
    assert.match(certainty ?? '', /^The ratio is known to ±/)
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
  const text = answerText(run)
  assert.match(
    text,
    /mine-b serves [12]\.\d+ times the users of mine-a .*, and mine-c 0\.\d+ times/,
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
  assert.match(answerText(busy), begins)
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
    answerText(run),
    /^Beware: the machine was busy with other work \(60 % before pooled, trial 1\)/,
  )
  first.host = { ...first.host, busyRatio: 0.05 }
  assert.doesNotMatch(answerText(run), /Beware/)
})
