import { readdir, readFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { analyse } from '../../runner/analysis/analyse.ts'
import { LEAST_SECONDS } from '../../runner/analysis/drift.ts'
import { evennessUnderLoad } from '../../runner/analysis/host-state.ts'
import { mean } from '../../runner/analysis/statistics/moments.ts'
import { BOUNDS } from '../../runner/analysis/validity.ts'
import {
  CENTRE,
  CPU_S_PER_1000,
  CPU_S_PER_1000_SATURATED,
  CROWD,
  IN_A_CROWD,
  MEMORY_MB,
  TAIL,
  THINK_RATIO,
} from '../../runner/calibration/bounds.ts'
import type { LoadersCalibration } from '../../runner/calibration/loaders.ts'
import { COMMANDS } from '../../runner/cli/help.ts'
import type { Run } from '../../runner/measurement/run.ts'
import type { CheckId } from '../../runner/measurement/stage.ts'
import { hostsText } from '../../runner/plan/hosts.ts'
import { RUN_OPTIONS, usageOf } from '../../runner/plan/options.ts'
import { againCommand } from '../../runner/plan/options.ts'
import { PROFILES, type ProfileName } from '../../runner/plan/profiles.ts'
import { amount, range } from '../../runner/report/sheet.ts'
import { headline } from '../../runner/report/headline.ts'
import { terminalReport } from '../../runner/report/terminal.ts'
import { readCalibration } from '../../runner/results/calibration-file.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { soakFigures, soakText } from '../soak-figures.ts'
import { calibrationTable, loadersTable } from './calibration.ts'
import { markdownTable } from './markdown-table.ts'
import { armsByGroup, limitCores, readCompose } from './compose.ts'

/** Where a block stands: links in it are relative to its page. */
type Place = Readonly<{ root: string; path: string }>
type Block = (args: string, place: Place) => string | Promise<string>

const REFERENCE = 'results/reference'

/** What stands between the markers of each name. */
export const BLOCKS: Readonly<Record<string, Block>> = {
  /** `RUN CHART ALT`: a chart of a committed run, and where it is from. */
  async figure(args, place) {
    const [run = '', chart = '', ...alt] = args.split(' ')
    const link = (file: string) => linkTo(`${REFERENCE}/${run}/${file}`, place)
    return [
      `![${alt.join(' ')}](${link(`charts/${chart}.svg`)})`,
      '',
      `From ${origin(await committed(run, place), link('report.md'))}.`,
    ].join('\n')
  },

  /** `RUN`: its headline, and each claim of the article beside what the run says of it. */
  async verdict(name, place) {
    const run = await committed(name, place)
    const rows = run.claims.map(({ statement, article, ours, verdict }) => [
      `${statement} *Article: ${article}.*`,
      ours.replaceAll(', of this run', ''),
      verdict === 'reproduced' ? `**${verdict}**` : verdict,
    ])
    const command = `\`${againCommand(run)}\``
    const trials = `The \`${run.configuration.profile}\` profile, ${run.configuration.trials} trials of each arm: ${command}`
    return [headline(run), `${trials}.`, markdownTable(['claim', 'here', 'verdict'], rows)].join(
      '\n\n',
    )
  },

  /** `PREFIX ARM ARM`: the ratio of two crossings in every committed run whose folder begins so. */
  async spread(args, place) {
    const [prefix = '', arm = '', other = ''] = args.split(' ')
    const folders = await readdir(`${place.root}${REFERENCE}`)
    const names = folders.filter((name) => name.startsWith(prefix))
    const runs = await Promise.all(names.map((name) => committed(name, place)))
    const ratios = runs.flatMap((run) => {
      const { crossings } = analyse(run)
      const users = (of: string) => crossings.find((one) => one.arm === of)?.users
      const [a, b] = [users(arm), users(other)]
      return a && b ? [a / b] : []
    })
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
    const cores = new Set(runs.map(({ environment }) => environment.host.cores))
    const spread = `from ${amount(least)} to ${amount(most)} times`
    const count =
      ratios.length === runs.length ? `all ${runs.length}` : `${ratios.length} of ${runs.length}`
    return `This is the newest default run with Docker, not a chosen one. The ratio is ${spread} in ${count} [committed runs](${linkTo('docs/ledger.md', place)}) of this kind, on machines with ${[...cores].join(' or ')} cores and with several versions of samehost. **It depends on the machine as well as on the arms: measure on yours.**`
  },

  /** `RUN: TITLE, TITLE`: the headline of a committed run, and the tables whose titles begin so. */
  async tables(args, place) {
    const [name = '', titles = ''] = args.split(': ')
    const begins = titles.split(', ')
    const text = terminalReport(await committed(name, place), {
      columns: 100,
      colour: false,
      unicode: true,
    })
    const parts = text
      .split('\n\n')
      .filter((part, at) => at === 0 || begins.some((title) => part.startsWith(title)))
    return ['```text', parts.join('\n\n').trim(), '```'].join('\n')
  },

  /** `RUN RUN`: runs that were made in a row, and whether each one's prediction holds the next one's crossing. */
  async repeat(args, place) {
    const runs = await Promise.all(args.split(' ').map((name) => committed(name, place)))
    const judged = runs.map((run) => ({ ...run, ...analyse(run) }))
    const pairs = judged.flatMap((one) =>
      judged.flatMap((other) =>
        one === other
          ? []
          : one.crossings.map(({ arm, prediction }): boolean | null => {
              const { users = null } = other.crossings.find((own) => own.arm === arm) ?? {}
              if (users === null || prediction === null) return null
              const { low, high } = prediction
              return users >= (low ?? 0) && users <= (high ?? Infinity)
            }),
      ),
    )
    const rows = judged.flatMap(({ crossings, startedAt }) =>
      crossings.map(({ arm, users, interval, prediction }) => [
        startedAt.slice(11, 16),
        arm,
        amount(users),
        range(interval, amount),
        range(prediction, amount),
      ]),
    )
    const held = pairs.filter((pair) => pair === true).length
    const known = pairs.filter((pair) => pair !== null).length
    const head = ['begun', 'arm', 'crossing, users', '95 % interval', 'another run']
    return [
      markdownTable(head, rows),
      `Of ${known} predictions of the other run's crossing, ${held} held it.`,
    ].join('\n\n')
  },

  async calibration(_, { root }) {
    const { calibration } = await readCalibration(`${root}results/reference-calibration.json`)
    return calibrationTable(calibration)
  },

  /** `RUN RUN`: how even each was under load. */
  async underload(names, place) {
    const rows = names.split(' ').map(async (name) => {
      const { trials, environment } = await committed(name, place)
      const { low = NaN, high = NaN } = evennessUnderLoad(trials) ?? {}
      const { cores, cpuModel } = environment.host
      return [name, `${cores} × ${cpuModel}`, `${whole(low)} to ${whole(high)}`]
    })
    return markdownTable(['run', 'machine', 'CPU of Nginx for a request'], await Promise.all(rows))
  },

  /** `ARM: RUN, RUN`: is its crossing on the article's hosts the same whatever the machine? */
  async machines(args, place) {
    const [arm = '', names = ''] = args.split(': ')
    const found = names.split(', ').map(async (name) => {
      const run = await committed(name, place)
      return { name, run, crossing: analyse(run).crossings.find((one) => one.arm === arm) }
    })
    const all = await Promise.all(found)
    const first = all[0]?.crossing?.users
    const rows = all.map(({ name, run: { environment, trials, configuration }, crossing }) => [
      name,
      String(environment.host.cores),
      whole(mean(trials.flatMap(({ host }) => host?.busyRatio ?? []))),
      mean(
        trials.flatMap(({ hosts }) => (hosts ?? configuration.hosts)?.appCores ?? []),
      ).toPrecision(2),
      `${amount(crossing?.users)} (${range(crossing?.interval ?? null, amount)})`,
      first && crossing?.users ? `× ${(crossing.users / first).toFixed(2)}` : '–',
    ])
    const head = ['run', 'cores', 'taken by others', 'app, cores', `${arm}: users at 100 ms`, '']
    return markdownTable(head, rows)
  },

  /** Several processes, at thousands of users: the last reading that is committed. */
  async loaders(_, { root }) {
    const text = await readFile(`${root}results/reference-calibration-loaders.json`, 'utf8')
    return loadersTable(JSON.parse(text) as LoadersCalibration)
  },

  /** Every claim with the rule that decides it; the run is one to which all of them apply. */
  async claims(_, place) {
    const { claims } = analyse(await committed('compose-grid-quick', place))
    return markdownTable(
      ['claim', 'in the article', 'reproduced if'],
      claims.map(({ statement, article, predicate }) => [statement, article, predicate]),
    )
  },

  checks: () => markdownTable(['check', 'a stage is INVALID if'], Object.entries(CHECKS)),

  profiles: () =>
    markdownTable(
      ['profile', 'ramp, users', 'warm-up + window', 'search', 'trials', 'takes about'],
      Object.entries(PROFILES).map(([name, profile]) => [
        `\`${name}\``,
        profile.users.join(', ') + (profile.scaled ? ' of the article' : ''),
        `${profile.warmUpMs / 1000} s + ${profile.holdMs / 1000} s`,
        profile.search ? 'yes' : 'no',
        String(profile.trials),
        TAKES[name as ProfileName],
      ]),
    ),

  async groups(_, { root }) {
    const groups = armsByGroup((await readCompose(root)).services)
    const code = (name: string) => `\`${name}\``
    const grouped = [...groups].map(([group, arms]) => [code(group), arms.map(code).join(', ')])
    return markdownTable(['group', 'arms'], grouped)
  },

  async limits(_, { root }) {
    const { services } = await readCompose(root)
    const rows = Object.entries(LIMITED).map(([name, [what, why]]) => {
      const service = services[name]
      const cores = service && limitCores(service)
      if (!service?.mem_limit || !cores) throw new Error(`compose.yaml: ${name} has no limits`)
      const memory = service.mem_limit.replace('m', ' MB').replace('g', ' GB')
      return [what, `${cores} CPU, ${memory}`, why]
    })
    return markdownTable(['part', 'limit', 'why'], rows)
  },

  bounds: () =>
    markdownTable(
      ['figure', 'bound'],
      [
        ['mean, p50', `within ${CENTRE.ms} ms`],
        ['p95, p99', `within ${TAIL.ms} ms or ${percent(TAIL.ratio)}, whichever is more`],
        [
          `the same at ${CROWD} users`,
          `within ${IN_A_CROWD.ms} ms or ${percent(IN_A_CROWD.ratio)}, unless the client says that it is saturated`,
        ],
        ['think time', `within ${percent(THINK_RATIO)}`],
        ['CPU at about 120 requests/s', `${CPU_S_PER_1000} s for 1,000 requests`],
        ['CPU without think time', `${CPU_S_PER_1000_SATURATED} s for 1,000 requests`],
        [`memory at ${CROWD} users`, `${MEMORY_MB} MB`],
        ['injected failures, by class', 'counted = injected'],
      ],
    ),

  async soak(name, { root }) {
    const text = soakText(await soakFigures(`${root}${REFERENCE}/${name}`))
    return ['```text', text, '```'].join('\n')
  },

  commands: () =>
    markdownTable(
      ['command', 'what it does'],
      COMMANDS.map(([command, text]) => [`\`npm run bench -- ${inCell(command)}\``, text]),
    ),

  options: () =>
    markdownTable(
      ['option', 'meaning'],
      RUN_OPTIONS.map((option) => [`\`${usageOf(option)}\``, inCell(option.text)]),
    ),
}

const committed = (name: string, { root }: Place): Promise<Run> =>
  readRun(`${root}${REFERENCE}/${name}`)

const linkTo = (file: string, { path }: Place): string => relative(dirname(path), file)

function origin({ startedAt, configuration, environment, trials }: Run, link: string): string {
  const images = environment.parts.some((part) => part.standIn)
    ? 'substitute images: see its environment'
    : 'official images'
  const { hosts } = configuration
  // Runs of before the option had the limits of compose.yaml.
  const limits = hosts ? hostsText(hosts, trials) : 'pinned hosts'
  const day = startedAt.slice(0, 10)
  return `[a committed run](${link}) of ${day}, on ${environment.host.cores} cores (${limits}; ${images})`
}

const inCell = (text: string): string => text.replaceAll('|', '\\|')

const percent = (ratio: number): string => `${ratio * 100} %`
const whole = (ratio: number): string => `${(100 * ratio).toFixed(0)} %`

/** Services whose limits are shown: what each stands for, and why it has them. */
const LIMITED: Readonly<Record<string, readonly [string, string]>> = {
  pooled: ['each arm', 'the article’s application host'],
  db: ['`db`', 'the article’s database host, larger on purpose'],
  nginx: [
    '`nginx`',
    'one worker needs about 0.1 core at 2,000 requests/s, so Nginx is never what saturates',
  ],
  bench: [
    '`bench`',
    'one event loop drives the load, so it uses one core at most; a stage in which it comes near that is INVALID. Where cores are short it has priority, so that it does not measure its own waiting',
  ],
  'stats-window': ['`stats-window`', 'forwards a few numbers each second'],
}

/** What each check of a stage refuses, in the order in which they are made. */
const CHECKS: Readonly<Record<CheckId, string>> = {
  requests: `fewer than ${BOUNDS.requests} requests succeed`,
  'littles-law': `throughput × (response time + think time), with what the window's edges cut, differs from the users by more than ${percent(BOUNDS.littlesLaw)}`,
  'flow-balance': `the requests that end in the window differ by more than ${percent(BOUNDS.flowBalance)} from those that are sent in it, and by more than chance explains: a queue grows or drains`,
  'stuck-users': `more than ${percent(BOUNDS.stuckUsers)} of the users wait for one answer from before the window to after it`,
  'think-time': `the users think longer than was asked for, by more than ${BOUNDS.thinkLateMs} ms on average`,
  errors: `more than ${percent(BOUNDS.errors)} of the requests fail`,
  'in-flight': 'a request has no end when the stage is over',
  'client-cpu': `the runner (or one of its loaders) uses more than ${percent(BOUNDS.clientCores)} of a core`,
  'client-event-loop': `the p99 of the runner’s event-loop delay is ${BOUNDS.eventLoopMs} ms (or ${percent(BOUNDS.eventLoopOfMean)} of the mean response time, if that is more) over its idle p99`,
  'loader-edges': `the windows of the processes that share the users lie apart by more than ${percent(BOUNDS.loaderEdges)} of their length`,
  stolen: `the host of a virtual machine gives more than ${percent(BOUNDS.stolen)} of its CPU time to others`,
  restarts: 'a part restarts',
  'oom-kills': 'a part is killed because of its memory limit',
  drift: `the mean response times of the two halves of the window differ by more than ${percent(BOUNDS.drift)}, by more than ${BOUNDS.driftMs} ms, and by more than noise explains`,
  silence: `a half of the window has fewer than ${LEAST_SECONDS} seconds with an answer, so no drift could be seen`,
  'app-idle': `the app uses less than ${BOUNDS.idleUsPerRequest} µs of CPU for each request: another service answered`,
  figures: 'a figure is missing that the rest of the run has',
  connections: `\`per-request\`: new database connections per request are not between ${BOUNDS.perRequest.low} and ${BOUNDS.perRequest.high}; other modes: they are more than ${BOUNDS.kept}, and more than ${BOUNDS.keptInAll} in all`,
}

/** As the committed runs took on two cores. */
const TAKES: Readonly<Record<ProfileName, string>> = {
  smoke: 'under a minute',
  quick: '7 to 10 minutes',
  standard: '45 to 75 minutes',
  article: 'hours: as long as the article took, and the search',
}
