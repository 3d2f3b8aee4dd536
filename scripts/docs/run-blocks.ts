import { readFile } from 'node:fs/promises'
import { dirname, relative } from 'node:path'
import { evennessUnderLoad } from '../../runner/analysis/host-state.ts'
import { mean } from '../../runner/analysis/statistics/moments.ts'
import type { LoadersCalibration } from '../../runner/calibration/loaders.ts'
import type { Run } from '../../runner/measurement/run.ts'
import type { Studied } from '../../runner/measurement/study.ts'
import { hostsText } from '../../runner/plan/hosts.ts'
import { againCommand } from '../../runner/plan/options.ts'
import { amount, range } from '../../runner/report/sheet.ts'
import { headline } from '../../runner/report/headline.ts'
import { terminalReport } from '../../runner/report/terminal.ts'
import { readCalibration } from '../../runner/results/calibration-file.ts'
import { judgedRecord, readIndex, recordPath } from '../records.ts'
import { soakFigures, soakText } from '../soak-figures.ts'
import { chartPath } from './pictures.ts'
import { calibrationTable, loadersTable } from './calibration.ts'
import { markdownTable } from './markdown-table.ts'

/** Where a block stands: links in it are relative to its page. */
type Place = Readonly<{ root: string; path: string }>

/** What stands between two markers of a page, of the words that follow the block's name in the first. */
export type Block = (args: string, place: Place) => string | Promise<string>

/** Blocks that are made of committed runs. */
export const RUN_BLOCKS: Readonly<Record<string, Block>> = {
  /** `RUN CHART ALT`: a chart of a committed run, and where it is from. */
  async figure(args, place) {
    const [run = '', chart = '', ...alt] = args.split(' ')
    return [
      `![${alt.join(' ')}](${linkTo(chartPath(run, chart), place)})`,
      '',
      `From ${origin(await judgedRecord(run), run, place)}.`,
    ].join('\n')
  },

  /** `RUN`: its headline, and each claim of the article beside what the run says of it. */
  async verdict(name) {
    const run = await judgedRecord(name)
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
    return `This is the newest default run with Docker, not a chosen one. The ratio is ${spread} in ${count} [reference runs](${linkTo('docs/method/ledger.md', place)}) of this kind, on machines with ${[...cores].join(' or ')} cores and with several versions of samehost. **It depends on the machine as well as on the arms: measure on yours.**`
  },

  /** `RUN: TITLE, TITLE`: the headline of a committed run, and the tables whose titles begin so. */
  async tables(args) {
    const [name = '', titles = ''] = args.split(': ')
    const begins = titles.split(', ')
    const text = terminalReport(await judgedRecord(name), {
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
  async repeat(args) {
    const judged = await Promise.all(args.split(' ').map(judgedRecord))
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
  async underload(names) {
    const rows = names.split(' ').map(async (name) => {
      const { trials, environment } = await judgedRecord(name)
      const { low = NaN, high = NaN } = evennessUnderLoad(trials) ?? {}
      const { cores, cpuModel } = environment.host
      return [name, `${cores} × ${cpuModel}`, `${whole(low)} to ${whole(high)}`]
    })
    return markdownTable(['run', 'machine', 'CPU of Nginx for a request'], await Promise.all(rows))
  },

  /** `ARM: RUN, RUN`: is its crossing on the article's hosts the same whatever the machine? */
  async machines(args) {
    const [arm = '', names = ''] = args.split(': ')
    const found = names.split(', ').map(async (name) => {
      const run = await judgedRecord(name)
      return { name, run, crossing: run.crossings.find((one) => one.arm === arm) }
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

const linkTo = (file: string, { path }: Place): string => relative(dirname(path), file)

function origin(run: Studied<Run>, name: string, place: Place): string {
  const { startedAt, configuration, environment, trials } = run
  const images = environment.parts.some((part) => part.standIn)
    ? 'substitute images: see its environment'
    : 'official images'
  const { hosts } = configuration
  const limits = hosts ? hostsText(hosts, trials, run.study) : 'pinned hosts'
  const day = startedAt.slice(0, 10)
  const link = linkTo(`results/reference/${name}.tar.gz`, place)
  return `[${name}](${link}) of ${day}, on ${environment.host.cores} cores (${limits}; ${images})`
}

const whole = (ratio: number): string => `${(100 * ratio).toFixed(0)} %`
