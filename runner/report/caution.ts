import { analysisOf } from '../analysis/arm-analysis.ts'
import { machineWarning, yardstickRange } from '../analysis/host-state.ts'
import { comparedArms } from '../analysis/precision.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied } from '../measurement/study.ts'

/** The machine's own speed, fastest over slowest, from which on a reader must know it before any figure. */
const UNEVEN = 1.25

/** What a reader must know before any figure, and what to do about it, in a sentence or two; null of a run without trouble. */
export function cautionText(run: Studied<Run>): string | null {
  const machine = machineWarning(run)
  const partial =
    run.state === 'partial' ? 'The run is partial: it ended before its plan did.' : null
  const doubts = [...openText(run), ...unevenText(run)]
  const doubt = doubts.length === 0 ? null : `Beware: ${doubts.join(', and ')}; ${REMEDY}.`
  // A machine that was busy is why the rest is as it is.
  const said = [machine ?? doubt, partial].filter((text) => text !== null)
  return said.length === 0 ? null : said.join(' ')
}

const REMEDY =
  'measure again with nothing else on the machine, or with longer stages (`--profile standard`)'

/** Which end of a ratio is open, and why: trials that found no crossing, and what became of their stages. */
function openText(run: Studied<Run>): string[] {
  const open = comparedArms(run).flatMap(({ over, under, ratio }) =>
    ratio !== null && (ratio.open.low || ratio.open.high) ? [{ arms: [over, under], ratio }] : [],
  )
  const [first] = open
  if (first === undefined) return []
  const { low, high } = first.ratio.open
  const known =
    low && high ? 'neither end is known' : `only ${low ? 'an upper' : 'a lower'} bound is known`
  const trials = new Map(open.flatMap(({ arms }) => arms.flatMap((arm) => boundedTrials(run, arm))))
  return [`${known}, since ${[...trials.values()].join(' and ')}`]
}

/** The trials of an arm that are known by a bound alone, by arm and round, each with its reason. */
function boundedTrials(run: Studied<Run>, arm: string): [key: string, text: string][] {
  return [...analysisOf(run, arm).byTrial].flatMap(([round, { crossing }]): [string, string][] => {
    if (!('bound' in crossing)) return []
    const trial = run.trials.find((one) => one.arm === arm && one.index === round)
    const stages = trial?.stages ?? []
    const invalid = stages.filter(({ validity }) => !validity.valid)
    const checks = new Set(
      invalid.flatMap(({ validity }) => validity.reasons.map(({ check }) => check)),
    )
    const why =
      invalid.length === 0
        ? ''
        : ` (${invalid.length} of its ${stages.length} stages are INVALID: ${[...checks].join(', ')})`
    return [[`${arm} ${round}`, `trial ${round + 1} of ${arm} found no crossing${why}`]]
  })
}

function unevenText({ trials }: Run): string[] {
  const range = yardstickRange(trials)
  if (range === null || range.high / range.low < UNEVEN) return []
  const percent = ((range.high / range.low - 1) * 100).toFixed(0)
  return [`the machine’s own speed changed by ${percent} % during the run`]
}
