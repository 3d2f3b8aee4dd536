import { readFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { evennessUnderLoad } from '../../runner/analysis/host-state.ts'
import { comparedArms } from '../../runner/analysis/precision.ts'
import { ratioReach } from '../../runner/analysis/ratio.ts'
import type { LoadersCalibration } from '../../runner/calibration/loaders.ts'
import type { Run } from '../../runner/measurement/run.ts'
import type { Studied } from '../../runner/measurement/study.ts'
import { limitsText } from '../../runner/plan/hosts.ts'
import { againCommand } from '../../runner/plan/options.ts'
import { amount, times } from '../../runner/report/sheet.ts'
import { rampSheet } from '../../runner/report/tables/ramp.ts'
import { terminalReport } from '../../runner/report/terminal.ts'
import { readCalibration } from '../../runner/results/calibration-file.ts'
import { judgedRecord, newestRecord, readIndex, recordPath } from '../records.ts'
import { soakFigures, soakText } from '../soak-figures.ts'
import { chartPath } from './pictures.ts'
import { calibrationTable, loadersTable } from './calibration.ts'
import { markdownTable } from './markdown-table.ts'

/** Where a block stands: links in it are relative to its page. */
export type Place = Readonly<{ root: string; path: string }>

/** What stands between two markers of a page, of the words that follow the block's name in the first. */
export type Block = (args: string, place: Place) => string | Promise<string>

/** Blocks that are made of committed runs. */
export const RUN_BLOCKS: Readonly<Record<string, Block>> = {
  /** `RUN CHART ALT`: a chart of a committed run, and where it is from. */
  async figure(args, place) {
    const [name = '', chart = '', ...alt] = args.split(' ')
    const run = await judgedRecord(name)
    const [{ over, under, ratio } = NOTHING] = comparedArms(run)
    const said = ratio
      ? `**${over} serves ${times(ratio.value)} times the users of ${under}** (${ratioReach(ratio)}). `
      : ''
    return [
      `![${alt.join(' ')}](${linkTo(chartPath(name, chart), place)})`,
      '',
      `${said}From ${origin(run, name, place)}.`,
    ].join('\n')
  },

  /**
   * `RUN`: the first lines of what the terminal prints of it: its answer, and the row of each arm that shows the
   * response time that crosses.
   */
  async excerpt(name) {
    const run = await judgedRecord(name)
    const [answer = '', ...parts] = printed(run, false)
    const { title } = rampSheet(run)
    const ramp = parts.find((part) => part.startsWith(title))?.split('\n') ?? []
    const rows = ramp.filter((line) => line.includes(` ${run.configuration.thresholdOn}, ms `))
    if (rows.length === 0) throw new Error(`${name}: the report has no table “${title}”.`)
    const head = ramp.slice(ramp.findIndex(isRule), ramp.findLastIndex(isRule))
    const heads = head.slice(
      1,
      head.findIndex((line, at) => at > 0 && isRule(line)),
    )
    const shown = rows.filter((line) => !/ running /.test(line))
    return ['```text', answer, '', ...heads, ...shown, '…', '```'].join('\n')
  },

  /** `RUN`: each claim of the article beside what the run says of it, and how the run was made. */
  async verdict(name) {
    const run = await judgedRecord(name)
    const rows = run.claims.map(({ statement, article, ours, verdict }) => [
      `${statement} *Article: ${article}.*`,
      ours.replaceAll(', of this run', ''),
      verdict === 'reproduced' ? `**${verdict}**` : verdict,
    ])
    const command = `\`${againCommand(run)}\``
    const trials = `The \`${run.configuration.profile}\` profile, ${run.configuration.trials} trials of each arm: ${command}`
    return [markdownTable(['claim', 'here', 'verdict'], rows), `${trials}.`].join('\n\n')
  },

  /** `PREFIX ARM ARM`: the ratio of two crossings in every reference run ever taken whose name begins so. */
  async spread(args, place) {
    const [prefix = '', arm = '', other = ''] = args.split(' ')
    const runs = (await readIndex()).filter(({ name }) => name.startsWith(prefix))
    const ratios = runs.flatMap(({ arms }) => {
      const users = (of: string) => arms.find((one) => one.arm === of)?.users
      const [a, b] = [users(arm), users(other)]
      return a && b ? [a / b] : []
    })
    const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
    const cores = new Set(runs.map(({ host }) => host.split(' ')[0]))
    const spread = `from ${amount(least)} to ${amount(most)} times`
    const count =
      ratios.length === runs.length ? `all ${runs.length}` : `${ratios.length} of ${runs.length}`
    return `The run above is the newest default run with Docker, not a chosen one. In ${count} [runs of this kind](${linkTo('docs/method/ledger.md', place)}), on machines with ${[...cores].join(' or ')} cores and with several versions of samehost, the ratio is ${spread}. **It depends on the machine: measure on yours.**`
  },

  /** `RUN: TITLE, TITLE`: the headline of a committed run, and the tables whose titles begin so. */
  async tables(args) {
    const [name = '', titles = ''] = args.split(': ')
    const begins = titles.split(', ')
    const parts = printed(await judgedRecord(name), true).filter(
      (part, at) => at === 0 || begins.some((title) => part.startsWith(title)),
    )
    return ['```text', parts.join('\n\n').trim(), '```'].join('\n')
  },

  async calibration(_, { root }) {
    const { calibration } = await readCalibration(`${root}results/reference-calibration.json`)
    return calibrationTable(calibration)
  },

  /** `RUN RUN`: how even each was under load. */
  async underload(names) {
    const rows = names.split(' ').map(async (name) => {
      const { trials, environment } = await judgedRecord(name)
      const { low = NaN, high = NaN } = evennessUnderLoad(trials) ?? {}
      const { cores, cpuModel } = environment.host
      return [name, `${cores} × ${cpuModel}`, `${whole(low)} to ${whole(high)}`]
    })
    return markdownTable(['run', 'machine', 'CPU of Nginx for a request'], await Promise.all(rows))
  },

  /** Several processes, at thousands of users: the last reading that is committed. */
  async loaders(_, { root }) {
    const text = await readFile(`${root}results/reference-calibration-loaders.json`, 'utf8')
    return loadersTable(JSON.parse(text) as LoadersCalibration)
  },

  /** Every claim with the rule that decides it; the run is one with the arms that all of them are about. */
  async claims(run) {
    const { claims } = await judgedRecord(run)
    return markdownTable(
      ['claim', 'in the article', 'reproduced if'],
      claims.map(({ statement, article, predicate }) => [statement, article, predicate]),
    )
  },

  /** Every row of the index. */
  async ledger() {
    const shown = (users: number | null): string => (users === null ? '–' : amount(users))
    const rows = (await readIndex()).map((row) => [
      row.startedAt.slice(0, 16).replace('T', ' '),
      row.name,
      row.host,
      row.testbed,
      row.profile,
      row.commit ?? '–',
      String(row.trials),
      row.arms
        .map(({ arm, users, interval }) => {
          const reach = interval ? ` (${shown(interval[0])}–${shown(interval[1])})` : ''
          return `${arm} ${shown(users)}${reach}`
        })
        .join('; '),
      row.sha256 !== null ? 'bundle' : row.replaced ? 'replaced' : 'history',
    ])
    const head = [
      'begun (UTC)',
      'name',
      'host',
      'testbed',
      'profile',
      'kit',
      'trials',
      'users at 100 ms',
      'files',
    ]
    return markdownTable(head, rows)
  },

  async soak(name) {
    const text = soakText(await soakFigures(recordPath(name)))
    return ['```text', text, '```'].join('\n')
  },
}

/** What the terminal prints of a run: its answer, then its tables and remarks. */
const printed = (run: Studied<Run>, verbose: boolean): string[] =>
  terminalReport(run, { columns: 100, colour: false, unicode: true, verbose }).split('\n\n')

/** Of a run that compares no arms. */
const NOTHING = { over: '', under: '', ratio: null }

/** The line above, under the head and below a table. */
const isRule = (line: string): boolean => /^─+$/.test(line)

const linkTo = (file: string, { path }: Place): string => relative(dirname(path), file)

/** The bundle of a run of record, relative to a page. */
const recordPathFrom = (name: string, place: Place): string =>
  linkTo(`results/reference/${name}.tar.gz`, place)

function origin(run: Studied<Run>, name: string, place: Place): string {
  const { startedAt, configuration, environment } = run
  const { hosts } = configuration
  const fitted = limitsText('app', run.trials)
  const said = [
    `${environment.host.cores} cores`,
    hosts
      ? `the app on ${fitted === null ? coresText(hosts.appCores) : `${fitted} cores`}`
      : 'pinned hosts',
    ...(environment.parts.some((part) => part.standIn) ? ['substitute images'] : []),
  ]
  return `[${name}](${recordPathFrom(name, place)}) of ${startedAt.slice(0, 10)}: ${said.join(', ')}`
}

const whole = (ratio: number): string => `${(100 * ratio).toFixed(0)} %`

/** The application's host in the newest record, in words, and a link to the run. */
export async function sourceOf(prefix: string, place: Place): Promise<string> {
  const name = await newestRecord(prefix)
  const { configuration, startedAt } = await judgedRecord(name)
  const { hosts } = configuration
  const words = hosts ? coresText(hosts.appCores) : 'no limit'
  return `${words}, [${startedAt.slice(0, 10)}](${recordPathFrom(name, place)})`
}

const WORDS: readonly (readonly [number, string])[] = [
  [1 / 4, 'a quarter of a core'],
  [1 / 3, 'a third of a core'],
  [1 / 2, 'half a core'],
  [3 / 4, 'three quarters of a core'],
  [1, 'one core'],
  [2, 'two cores'],
]

/** A usual fraction where it is within a twentieth; else the number. */
function coresText(cores: number): string {
  const found = WORDS.find(([value]) => Math.abs(cores / value - 1) <= 0.05)
  return found?.[1] ?? `${amount(cores)} cores`
}
