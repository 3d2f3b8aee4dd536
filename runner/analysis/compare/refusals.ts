import type { PartEnvironment } from '../../measurement/environment.ts'
import { endpointsOf, type Run } from '../../measurement/run.ts'
import { knowsWaits } from '../crossing/estimate.ts'
import { MAX_PROBES, MAX_USERS, NEAR_STAGES } from '../crossing/search.ts'
import { competed } from '../host-state.ts'
import { combined, type Difference, measuredArms, type Side } from './comparison.ts'

type Rule = (a: Run, b: Run) => string | null

/**
 * Why two sides cannot be compared, each with what to do instead; empty if they can. Another commit,
 * image, host or limit is no reason: that is what one compares, and it is printed first.
 */
export function refusals(a: Side, b: Side): string[] {
  const unlike = [a, b].flatMap(notAlike)
  if (unlike.length > 0) return unlike
  const [one, other] = [combined(a), combined(b)]
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
  function scenario(a, b) {
    const [ofA, ofB] = [endpointsOf(a).join(', '), endpointsOf(b).join(', ')]
    if (ofA === ofB || ofA === '' || ofB === '') return null
    return `Users ask for ${ofA} in A, for ${ofB} in B: give two runs of one scenario.`
  },
  function threshold({ configuration: a }, { configuration: b }) {
    if (a.thresholdMs === b.thresholdMs) return null
    const fault = `The threshold is ${a.thresholdMs} ms in A, ${b.thresholdMs} ms in B`
    return `${fault}: their crossings are of different questions. Run B again with --threshold ${a.thresholdMs}ms.`
  },
  function statistic({ configuration: a }, { configuration: b }) {
    if (a.thresholdOn === b.thresholdOn) return null
    const fault = `The threshold is on the ${a.thresholdOn} in A, on the ${b.thresholdOn} in B`
    return `${fault}. Run B again with --threshold-on ${a.thresholdOn}.`
  },
  function waits(a, b) {
    const [ofA, ofB] = [knowsWaits(a.trials), knowsWaits(b.trials)]
    if (a.configuration.thresholdOn !== 'p95' || ofA === null || ofB === null || ofA === ofB)
      return null
    const fault = `The p95 is of good answers alone in ${ofA ? 'B' : 'A'}, which is the older, and of all requests in ${ofA ? 'A' : 'B'}`
    return `${fault}. Run ${ofA ? 'B' : 'A'} again with this kit.`
  },
  function thinkTime(a, b) {
    if (think(a) === think(b)) return null
    const fault = `Users think ${think(a)} in A, ${think(b)} in B: the same number of them is another load`
    const { min, max } = a.configuration.thinkMs
    return `${fault}. Run B again with --think ${min === max ? `${min}ms` : `${min}ms..${max}ms`}.`
  },
  function testbed({ environment: a }, { environment: b }) {
    if (a.testbed === b.testbed) return null
    const fault = `A was measured on the testbed ${a.testbed}, B on ${b.testbed}`
    return `${fault}: what lies between the runner and the service is not the same. Run both on one.`
  },
  function arms(a, b) {
    const there = new Set(armsOf(b))
    if (armsOf(a).some((name) => there.has(name))) return null
    const fault = `There is no arm in both: A has ${armsOf(a).join(', ')}; B has ${armsOf(b).join(', ')}`
    return `${fault}. Arms of one run are compared in its own report; else run both with the same --arms.`
  },
  function modes(a, b) {
    const promised = new Map(b.configuration.arms.map(({ name, mode }) => [name, mode]))
    const other = a.configuration.arms.find(
      ({ name, mode }) => promised.has(name) && promised.get(name) !== mode,
    )
    if (!other) return null
    const fault = `${other.name} is ${other.mode ?? 'of no mode'} in A, ${promised.get(other.name) ?? 'of no mode'} in B`
    return `${fault}: the same name for two things. Rename one.`
  },
  function validStages(a, b) {
    const there = new Set(measuredArms(b))
    const asked = new Set(armsOf(b))
    const common = armsOf(a).filter((name) => asked.has(name))
    if (common.length === 0 || measuredArms(a).some((name) => there.has(name))) return null
    const partial = [a, b].some(({ state }) => state === 'partial')
    const remedy = partial
      ? 'Finish the partial run with --resume DIR first.'
      : 'See each run’s validity table for the reasons.'
    return `No arm has a valid stage on both sides (${common.join(', ')}). ${remedy}`
  },
]

const armsOf = ({ configuration }: Run) => configuration.arms.map(({ name }) => name)
const identity = ({ arm, startedAt }: Run['trials'][number]) => `${arm} ${startedAt}`

/** Runs are taken together as trials only if nothing differs but seed, time, number of trials, and what a pilot found. */
function notAlike({ name, runs: [first, ...others] }: Side): string[] {
  const found = others
    .flatMap((run) => runDifferences(first, run))
    .map(({ what, a, b }) => `${what} (${a}; ${b})`)
  if (found.length === 0) return []
  const fault = `The runs in ${name} are not alike: ${[...new Set(found)].join(', ')}`
  return [`${fault}. Keep only like runs in one folder, or compare two of them.`]
}

/** What differs between two runs apart from their figures. Seeds and times always may, and what a pilot found. */
function runDifferences(a: Run, b: Run): Difference[] {
  return differing(factsOf(a), factsOf(b))
}

/**
 * What differs between the sides, whose runs are alike within each; how much was measured and what the pilots
 * found included.
 */
export function sideDifferences(a: Side, b: Side): Difference[] {
  return differing(
    { ...amountOf(a), ...factsOf(a.runs[0]), ...foundIn(a), ...competitionOf(a) },
    { ...amountOf(b), ...factsOf(b.runs[0]), ...foundIn(b), ...competitionOf(b) },
  )
}

/** By what the parts used: more where a side was pushed further, so that it is a difference and no refusal. */
const competitionOf = (side: Side): Facts => ({
  'parts that competed for cores': competed(combined(side)) ? 'yes' : 'no',
})

/** What the pilots of a side found, of each run in turn where they found different things. */
function foundIn({ runs }: Side): Facts {
  const each = runs.map(pilotFacts)
  const names = Object.keys(each[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, [...new Set(each.map((facts) => facts[name] ?? '–'))].join(' | ')]),
  )
}

/** What a pilot found at the time of the run: with the same command on the same machine it finds another. */
function pilotFacts({ configuration: { users, rampFactor, hosts } }: Run): Facts {
  return {
    ...(rampFactor === undefined ? {} : { ramp: users.join(', ') }),
    ...(hosts?.fit === undefined ? {} : { 'fitted hosts': `application ${hosts.appCores} cores` }),
  }
}

/** Does a pilot say how fast the hosts are? */
const areFitted = ({ hosts }: Run['configuration']) => hosts?.fit !== undefined

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

/** An arm that one side does not have is listed under `arms` once. */
const aboutAnArm = (what: string) => what.startsWith('app: ') || what.endsWith(' says')

/** What a run was asked to do and what it stands on, flat, each in words. */
type Facts = Readonly<Record<string, string>>

const known = (value: string | number | null) => (value === null ? 'unknown' : String(value))
const span = ({ min, max }: { min: number; max: number }) =>
  min === max ? `${min} ms` : `${min} to ${max} ms`

/** What decides the stages themselves. */
function configurationFacts({
  configuration,
  trials,
}: Pick<Run, 'configuration' | 'trials'>): Facts {
  const { profile, arms, users, startS = 0, warmUpS, holdS, timeoutMs, search } = configuration
  const { thinkMs, thinkSpread, rampFactor, hosts, answers, loaders = 1, control } = configuration
  const { holdMostS = holdS } = configuration
  const { maxUsers = MAX_USERS, maxProbes = MAX_PROBES, nearStages = NEAR_STAGES } = configuration
  const waits = knowsWaits(trials)
  return {
    profile,
    arms: arms.map(({ name }) => name).join(', '),
    threshold: `${configuration.thresholdMs} ms (${configuration.thresholdOn})`,
    'think time': span(thinkMs) + (thinkSpread === undefined ? '' : ` ± ${thinkSpread * 100} %`),
    ramp: rampFactor === undefined ? users.join(', ') : 'the profile’s, in users by the pilot',
    hosts: hosts === undefined ? 'as the testbed has them' : hosts.kind,
    'load on a fresh process': `${startS} s`,
    'warm-up': `${warmUpS} s`,
    window: holdMostS > holdS ? `${holdS} to ${holdMostS} s` : `${holdS} s`,
    'time-out': `${timeoutMs} ms`,
    search: search ? 'yes' : 'no',
    'most users of the search': String(maxUsers),
    'most probes': String(maxProbes),
    'stages near the crossing': String(nearStages),
    'first step again': control ? 'yes' : 'no',
    loaders: String(loaders),
    'answers are judged by': answers === 'whole' ? 'all of their shape' : 'status and ids',
    ...(waits === null
      ? {}
      : {
          'a failure counts in mean and p95': waits
            ? 'at what it took'
            : 'as a time-out, in the mean',
        }),
  }
}

function environmentFacts({
  environment,
  configuration,
}: Pick<Run, 'environment' | 'configuration'>): Facts {
  const { testbed, label, host, engine, compose, node, limitCores, database, git } = environment
  return {
    testbed: `${testbed} (${label})`,
    commit: `${known(git.commit)}${changesText(git)}`,
    CPU: `${host.cores} × ${known(host.cpuModel)}`,
    memory: `${(host.memoryMb / 1000).toFixed(1)} GB`,
    kernel: `${host.platform} ${host.kernel}, cgroup ${known(host.cgroupVersion)}`,
    'virtual machine': known(host.virtualMachine),
    'CPU governor': known(host.cpuGovernor),
    engine: `${known(engine)}, Compose ${known(compose)}`,
    'Node.js': node,
    ...(areFitted(configuration)
      ? {}
      : { 'sum of CPU limits': limitCores === null ? 'none' : `${limitCores} cores` }),
    database: known(database.version),
    ...Object.fromEntries(
      Object.entries(database.settings).map(([name, value]) => [`database: ${name}`, value]),
    ),
    ...Object.fromEntries(
      environment.parts.map((part) => [partName(part), partFact(part, areFitted(configuration))]),
    ),
  }
}

/** What is known of the checkout beside its commit: unknown is not unchanged. */
export function changesText({ commit, dirty }: Run['environment']['git']): string {
  if (commit !== null && dirty === null) return ', with changes or not: unknown'
  return dirty ? ', with changes' : ''
}

/** What each arm said of itself when it was opened. */
function versionFacts({ trials }: Pick<Run, 'trials'>): Facts {
  const said = trials.map(({ arm, version, identity: { prepare: is } = {} }) => {
    const prepare = is === undefined ? '' : `, prepared statements ${is}`
    return [`${arm} says`, `${known(version)}${prepare}`] as const
  })
  return Object.fromEntries(said)
}

const partName = ({ part, name }: PartEnvironment) => `${part}: ${name}`

/** @param fitted the limit of its host was found by a pilot */
function partFact(part: PartEnvironment, fitted: boolean): string {
  const { version, image, imageId, digest, standIn, cpuLimitCores, memoryLimitMb } = part
  return [
    known(version),
    ...(image === null ? [] : [image]),
    ...((digest ?? imageId)
      ? [(digest ?? imageId ?? '').replace(/^.*(sha256:.{12}).*$/, '$1')]
      : []),
    ...(standIn ? ['made locally'] : []),
    ...(fitted && (part.part === 'app' || part.part === 'db') ? [] : [cpuText(cpuLimitCores)]),
    memoryText(memoryLimitMb),
  ].join(', ')
}

/** A CPU limit, as a cell says it. */
export function cpuText(limitCores: number | null): string {
  if (limitCores === null) return 'no CPU limit'
  return limitCores === 1 ? '1 core' : `${limitCores} cores`
}

/** A memory limit in the unit in which Compose takes it (its `512m` are 512 MiB), from MB. */
export function memoryText(limitMb: number | null): string {
  if (limitMb === null) return 'no memory limit'
  return `${Number(((limitMb * 1e6) / 2 ** 20).toFixed(1))} MiB`
}
