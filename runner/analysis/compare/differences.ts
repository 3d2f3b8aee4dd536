import type { Run } from '../../measurement/run.ts'
import { configurationFacts, environmentFacts, versionFacts, type Facts } from './facts.ts'
import type { Side } from './side.ts'

/** What is not the same on both sides; `–` where a side does not have it. */
export interface Difference {
  readonly what: string
  readonly a: string
  readonly b: string
}

/** What differs between two runs apart from their figures. Seeds and times always may. */
export function runDifferences(a: Run, b: Run): Difference[] {
  return differing(factsOf(a), factsOf(b))
}

/** What differs between the sides, whose runs are alike within each; how much was measured included. */
export function sideDifferences(a: Side, b: Side): Difference[] {
  return differing(
    { ...amountOf(a), ...factsOf(a.runs[0]) },
    { ...amountOf(b), ...factsOf(b.runs[0]) },
  )
}

const factsOf = (run: Run): Facts => ({
  ...environmentFacts(run),
  ...versionFacts(run),
  ...configurationFacts(run),
})

function amountOf({ runs }: Side): Facts {
  const partial = runs.filter(({ state }) => state === 'partial').length
  return {
    runs: `${runs.length}${partial > 0 ? `, ${partial} of them partial` : ''}`,
    trials: runs.map(({ configuration }) => configuration.trials).join(' + '),
    seed: runs.map(({ configuration }) => configuration.seed).join(', '),
  }
}

function differing(a: Facts, b: Facts): Difference[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return names
    .filter((what) => a[what] !== b[what] && !(aboutAnArm(what) && (!(what in a) || !(what in b))))
    .map((what) => ({ what, a: a[what] ?? '–', b: b[what] ?? '–' }))
}

/** An arm that one side does not have is told under `arms` once. */
const aboutAnArm = (what: string) => what.startsWith('app: ') || what.endsWith(' says')
