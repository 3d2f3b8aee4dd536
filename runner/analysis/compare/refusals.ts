import type { Run } from '../../measurement/run.ts'
import { runDifferences } from './differences.ts'
import { measuredArms, pooled, type Side } from './side.ts'

type Rule = (a: Run, b: Run) => string | null

/**
 * Why two sides cannot be compared, each with what to do instead; empty if they can. Another commit,
 * image, host or limit is no reason: that is what one compares, and it is told first.
 */
export function refusals(a: Side, b: Side): string[] {
  const unlike = [a, b].flatMap(notAlike)
  if (unlike.length > 0) return unlike
  const [one, other] = [pooled(a), pooled(b)]
  return RULES.map((rule) => rule(one, other)).filter((reason) => reason !== null)
}

const think = ({ configuration: { thinkMs } }: Run) =>
  thinkMs.min === thinkMs.max ? `${thinkMs.min} ms` : `${thinkMs.min} to ${thinkMs.max} ms`

const RULES: readonly Rule[] = [
  function sameRun(a, b) {
    const begun = new Set(a.trials.map(identity))
    if (!b.trials.some((trial) => begun.has(identity(trial)))) return null
    return 'Both sides hold the same trial, so they are not independent: give two different runs.'
  },
  function threshold({ configuration: a }, { configuration: b }) {
    if (a.thresholdMs === b.thresholdMs) return null
    const told = `The threshold is ${a.thresholdMs} ms in A, ${b.thresholdMs} ms in B`
    return `${told}: their crossings are of different questions. Run B again with --threshold ${a.thresholdMs}ms.`
  },
  function statistic({ configuration: a }, { configuration: b }) {
    if (a.thresholdOn === b.thresholdOn) return null
    const told = `The threshold is on the ${a.thresholdOn} in A, on the ${b.thresholdOn} in B`
    return `${told}. Run B again with --threshold-on ${a.thresholdOn}.`
  },
  function thinkTime(a, b) {
    if (think(a) === think(b)) return null
    const told = `Users think ${think(a)} in A, ${think(b)} in B: the same number of them is another load`
    const { min, max } = a.configuration.thinkMs
    return `${told}. Run B again with --think ${min === max ? `${min}ms` : `${min}ms..${max}ms`}.`
  },
  function testbed({ environment: a }, { environment: b }) {
    if (a.testbed === b.testbed) return null
    const told = `A was measured on the testbed ${a.testbed}, B on ${b.testbed}`
    return `${told}: what lies between the runner and the service is not the same. Run both on one.`
  },
  function oversubscription({ environment: a }, { environment: b }) {
    if (a.oversubscribed === b.oversubscribed) return null
    const where = a.oversubscribed ? 'A' : 'B'
    return `In ${where} the parts compete for cores, in the other they do not. Run both on the same host.`
  },
  function arms(a, b) {
    const there = new Set(names(b))
    if (names(a).some((name) => there.has(name))) return null
    const told = `There is no arm in both: A has ${names(a).join(', ')}; B has ${names(b).join(', ')}`
    return `${told}. Arms of one run are compared in its own report; else run both with the same --arms.`
  },
  function modes(a, b) {
    const promised = new Map(b.configuration.arms.map(({ name, mode }) => [name, mode]))
    const other = a.configuration.arms.find(
      ({ name, mode }) => promised.has(name) && promised.get(name) !== mode,
    )
    if (!other) return null
    const told = `${other.name} is ${other.mode ?? 'of no mode'} in A, ${promised.get(other.name) ?? 'of no mode'} in B`
    return `${told}: the same name for two things. Rename one.`
  },
  function validStages(a, b) {
    const there = new Set(measuredArms(b))
    const asked = new Set(names(b))
    const common = names(a).filter((name) => asked.has(name))
    if (common.length === 0 || measuredArms(a).some((name) => there.has(name))) return null
    const partial = [a, b].some(({ state }) => state === 'partial')
    const remedy = partial
      ? 'Finish the partial run with --resume DIR first.'
      : 'See each run’s validity table for the reasons.'
    return `No arm has a valid stage on both sides (${common.join(', ')}). ${remedy}`
  },
]

const names = ({ configuration }: Run) => configuration.arms.map(({ name }) => name)
const identity = ({ arm, startedAt }: Run['trials'][number]) => `${arm} ${startedAt}`

/** Runs are taken together as trials only if nothing differs but seed, time and number of trials. */
function notAlike({ name, runs: [first, ...others] }: Side): string[] {
  const found = others
    .flatMap((run) => runDifferences(first, run))
    .map(({ what, a, b }) => `${what} (${a}; ${b})`)
  if (found.length === 0) return []
  const told = `The runs in ${name} are not alike: ${[...new Set(found)].join(', ')}`
  return [`${told}. Keep only like runs in one folder, or compare two of them.`]
}
