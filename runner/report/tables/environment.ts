import { evennessUnderLoad, yardstickRange } from '../../analysis/host-state.ts'
import type { Run } from '../../measurement/run.ts'
import type { RoundTrip } from '../../measurement/trial.ts'
import { changesText, cpuText, memoryText } from '../../analysis/compare/refusals.ts'
import { limitsText } from '../../plan/hosts.ts'
import { cell, NONE, type Sheet } from '../sheet.ts'

/** What the run really ran on, by each part's own word. */
export function environmentSheet(run: Run): Sheet {
  const { environment } = run
  const { host, engine, compose, node, database, git, calibration, parts } = environment
  const memory = `${(host.memoryMb / 1000).toFixed(1)} GB`
  const facts: [string, string][] = [
    ['host', `${host.cores} × ${host.cpuModel ?? 'unknown CPU'}, ${memory}, ${host.platform}`],
    ['kernel', `${host.kernel}, cgroup v${host.cgroupVersion ?? NONE}`],
    ['virtual machine', host.virtualMachine ?? 'unknown'],
    ['CPU governor', host.cpuGovernor ?? 'unreadable'],
    ...speed(run),
    ...underLoad(run),
    ...otherHosts(run),
    ['engine', engine === null ? 'none' : `${engine}, Compose ${compose ?? NONE}`],
    ['Node.js', node],
    ['database', database.version ?? 'unknown'],
    ...Object.entries(database.settings).map(([name, value]): [string, string] => [name, value]),
    ...prepared(run),
    ...parts.map(
      ({
        part,
        name,
        host: where,
        version,
        image,
        standIn,
        cpuLimitCores,
        memoryLimitMb,
      }): [string, string] => [
        where === undefined ? part : `${part}, on ${where}`,
        [
          `${name} ${version ?? ''}`.trim(),
          ...(image ? [image] : []),
          ...(standIn ? ['made locally in place of the official image'] : []),
          limitText(run, { part, name }) ?? cpuText(cpuLimitCores),
          memoryText(memoryLimitMb),
        ].join(', '),
      ],
    ),
    ['commit', `${git.commit ?? 'unknown'}${changesText(git)}`],
    [
      'calibration',
      calibration
        ? `${calibration.passed ? 'passed' : 'FAILED'} ${calibration.at}: ${calibration.summary}`
        : 'never on this machine: npm run bench -- calibrate',
    ],
  ]
  return {
    title: 'Environment',
    notes: [],
    columns: [
      { head: 'what', kind: 'name' },
      { head: 'as read', kind: 'prose' },
    ],
    rows: facts.map(([what, read]) => [cell(what, 'strong'), cell(read)]),
  }
}

/** Of hosts that each trial had for itself; null for an arm that kept a CPU limit of its own. */
function limitText(
  { trials }: Run,
  { part, name }: Pick<Run['environment']['parts'][number], 'part' | 'name'>,
): string | null {
  const named = trials.filter(({ arm }) => name.includes(arm))
  const [own] = named.toSorted((one, other) => other.arm.length - one.arm.length)
  const [has, given] = [own?.armLimits?.cores ?? null, own?.hosts?.appCores]
  if (part === 'app' && has !== null && given !== undefined && cpuText(has) !== cpuText(given))
    return null
  const limits = part === 'app' || part === 'db' ? limitsText(part, trials) : null
  return limits && `${limits} cores, fitted for each round`
}

/** Which arms prepare their statements on the server; nothing where none was asked. */
function prepared({ trials }: Pick<Run, 'trials'>): [string, string][] {
  const said = new Map(
    trials.flatMap(({ arm, identity }) => (identity?.prepare ? [[arm, identity.prepare]] : [])),
  )
  const values = new Set(said.values())
  if (said.size === 0) return []
  const [only] = values
  const read =
    values.size === 1
      ? `${only} in ${said.size === 1 ? 'the arm' : 'every arm'}`
      : [...said].map(([arm, value]) => `${arm} ${value}`).join(', ')
  return [['prepared statements', read]]
}

/** Hosts beside the runner's: what they are, how far away, and how their clocks stand. */
function otherHosts({
  environment: { hosts = [] },
  trials,
}: Pick<Run, 'environment' | 'trials'>): [string, string][] {
  return hosts.map((host) => {
    const { name, cpuModel, cores, memoryMb, kernel, clockAheadMs, virtualMachine, workUs } = host
    const trips = trials
      .flatMap(({ roundTrips = [] }) => roundTrips)
      .filter(({ host: to }) => to === name)
    const ways = [...new Set(trips.map(({ from }) => from))]
    const facts = [
      `${cores} × ${cpuModel ?? 'unknown CPU'}`,
      ...(memoryMb === null ? [] : [`${(memoryMb / 1000).toFixed(1)} GB`]),
      `${kernel}${virtualMachine ? ', virtual' : ''}`,
      ...(ways.length === 0 ? ['round trip unknown'] : ways.map((from) => roundTrip(from, trips))),
      ...(workUs === undefined || workUs === null ? [] : [`fixed work ${workUs.toFixed(1)} µs`]),
      `clock ${clockAheadMs.toFixed(1)} ms ahead`,
    ]
    return [`host ${name}`, facts.join(', ')]
  })
}

function roundTrip(way: string | undefined, trips: readonly RoundTrip[]): string {
  const read = trips
    .filter(({ from }) => from === way)
    .flatMap(({ beforeMs, afterMs }) => [beforeMs, afterMs].filter((each) => each !== null))
  const from = `round trip from ${way ?? 'the runner'}`
  if (read.length === 0) return `${from} unknown`
  return `${from} ${Math.min(...read).toFixed(2)}–${Math.max(...read).toFixed(2)} ms`
}

/** Before and after each trial's load; runs of before the yardstick have none. */
function speed({ trials }: Pick<Run, 'trials'>): [string, string][] {
  const read = yardstickRange(trials)
  if (read === null) return []
  const [low, high] = [read.low.toFixed(2), read.high.toFixed(2)]
  return [['host speed', `fixed work took ${low}–${high} ms of CPU at the ends of the trials`]]
}

/** Of runs with a front door whose steps were held three times. */
function underLoad({ trials }: Pick<Run, 'trials'>): [string, string][] {
  const range = evennessUnderLoad(trials)
  if (range === null) return []
  const percent = (ratio: number) => `${(100 * ratio).toFixed(0)} %`
  return [
    [
      'evenness under load',
      `at equal users Nginx took ${percent(range.low)} to ${percent(range.high)} of its mean CPU for a request`,
    ],
  ]
}
