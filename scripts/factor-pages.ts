import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { decisionTexts } from '../runner/analysis/factors/decisions.ts'
import {
  bestText,
  factorText,
  type FactorView,
  factorViews,
  type Figure,
} from '../runner/analysis/factors/levels.ts'
import { mean } from '../runner/analysis/statistics/moments.ts'
import type { Run } from '../runner/measurement/run.ts'
import type { Studied } from '../runner/measurement/study.ts'
import { testbedLine } from '../runner/report/method.ts'
import { amount, ms, range, us } from '../runner/report/sheet.ts'
import { chartPath } from './docs/pictures.ts'
import { judgedRecord, newestRecordOrNull } from './records.ts'
import { markdownTable } from './docs/markdown-table.ts'

/**
 * Fills what docs/factors/ says of each group from its newest run of record, factor-GROUP or factor-GROUP-b. A block stands between `<!-- answer -->` and `<!-- /answer -->`.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const BLOCK = /<!-- (answer|costs|outcomes)(?: ([^>]*))? -->.*?<!-- \/\1 -->/gs
const NONE = 'Not measured yet.'

export type Page = Readonly<{ path: string; is: string; mustBe: string }>

/** Every page of docs/factors, as it is and as it must be. */
export async function factorPages(): Promise<Page[]> {
  const names = (await readdir(`${ROOT}docs/factors`)).filter((name) => name.endsWith('.md'))
  return await Promise.all(
    names.toSorted().map(async (name) => {
      const path = `docs/factors/${name}`
      const is = await readFile(ROOT + path, 'utf8')
      return { path, is, mustBe: await filled(path, is) }
    }),
  )
}

async function filled(path: string, text: string): Promise<string> {
  let [result, from] = ['', 0]
  for (const block of text.matchAll(BLOCK)) {
    const [whole, name = '', groups = ''] = block
    const opening = whole.slice(0, whole.indexOf('-->') + '-->'.length)
    const said = await SAID[name as keyof typeof SAID](groups)
    result += `${text.slice(from, block.index)}${opening}\n\n${said}\n\n<!-- /${name} -->`
    from = block.index + whole.length
  }
  const style = await resolveConfig(ROOT + path)
  return await format(result + text.slice(from), { ...style, parser: 'markdown' })
}

/** What stands in a block, by its name. */
const SAID = {
  answer,
  costs: (groups: string) => costs(groups.split(' ')),
  outcomes,
} as const

const bundleLink = (name: string): string => `../../results/reference/${name}.tar.gz`

/** The newest committed run of a group, judged as the code judges now; null if there is none. */
async function committed(group: string): Promise<{ name: string; run: Studied<Run> } | null> {
  const name = await newestRecordOrNull(`factor-${group}`)
  return name === null ? null : { name, run: await judgedRecord(name) }
}

/** What the run of a group says, its picture, and where it is from. */
async function answer(group: string): Promise<string> {
  const found = await committed(group)
  if (found === null) return NONE
  const { name, run } = found
  const views = factorViews(run)
  const sentences = [...views.map(factorText), ...decisionTexts(run).slice(0, 1)]
  return [
    sentences.map((text) => `- ${text}`).join('\n'),
    ...views.map(table),
    `![What it costs: ${views[0]?.factor}](../../${chartPath(name, 'factor-1')})`,
    `From [${name}](${bundleLink(name)}) of ${run.startedAt.slice(0, 10)}, profile ` +
      `\`${run.configuration.profile}\`, ${run.configuration.trials} trials; ${testbedLine(run)}.`,
  ].join('\n\n')
}

function table({ from, levels, users, idleUsers, optimum }: FactorView): string {
  const shown = (figure: Figure | null, form: (value: number | null | undefined) => string) =>
    figure === null
      ? '–'
      : form(figure.value) + (figure.interval ? ` (${range(figure.interval, form)})` : '')
  const trips = levels.flatMap(({ roundTripMs }) => roundTripMs ?? [])
  const isFar = Math.max(...trips) > 3 * Math.min(...trips)
  const isIdle = idleUsers !== null
  const head = [
    'level',
    ...(isFar ? ['round trip, ms'] : []),
    'crossing, users',
    'ceiling, req/s',
    'app, µs',
    'database, µs',
    ...(isIdle ? ['order, ms'] : []),
  ]
  const rows = levels.map((one) => [
    optimum?.candidates?.includes(one.level) ? `**${one.level}**` : one.level,
    ...(isFar ? [ms(one.roundTripMs)] : []),
    shown(one.crossing, amount),
    shown(one.ceiling, amount),
    shown(one.appUs, us),
    shown(one.dbUs, us),
    ...(isIdle ? [shown(one.orderMs, ms)] : []),
  ])
  const at = users === null ? '' : `, CPU of a request at ${users} users`
  const idle = isIdle ? `, the median of an order at ${idleUsers}` : ''
  const bold = optimum?.candidates
    ? '; **bold**: the best seen and what cannot be told from it, also since a trial is known by a bound alone'
    : ''
  const how = optimum?.lacksTrials ? `${bold}, by level and round, as a level lacks a trial` : bold
  return [`Changed from \`${from}\`${at}${idle}${how}:`, '', markdownTable(head, rows)].join('\n')
}

/** What a user of a group sees at each step of its run: of the requests of all trials, what became of them. */
async function outcomes(group: string): Promise<string> {
  const found = await committed(group)
  if (found === null) return NONE
  const { name, run } = found
  const stages = run.trials.flatMap(({ arm, stages: own }) =>
    own.flatMap((stage) => (stage.kind === 'ramp' ? [{ ...stage, arm }] : [])),
  )
  const steps = Map.groupBy(stages, ({ arm, users }) => `${arm}\n${users}`)
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const rows = [...steps.values()].map((own) => {
    const sent = sum(own.map((stage) => stage.outcomes.sent))
    const refused = sum(own.map(({ all }) => all.errors['status-503'] ?? 0))
    const others = sum(own.map((stage) => stage.outcomes.failed)) - refused
    const share = (count: number) =>
      `${count} (${((100 * count) / Math.max(1, sent)).toFixed(1)} %)`
    const answered = own.flatMap(({ all }) => all.meanMs ?? [])
    const { arm = '', users = 0 } = own[0] ?? {}
    return [
      arm,
      String(users),
      String(sent),
      share(refused),
      share(others),
      answered.length === 0 ? '–' : ms(mean(answered)),
    ]
  })
  const head = ['arm', 'users', 'requests', '503', 'other failures', 'mean of the answered, ms']
  return [
    markdownTable(head, rows),
    `From [${name}](${bundleLink(name)}) of ${run.startedAt.slice(0, 10)}, ${run.configuration.trials} trials; ${testbedLine(run)}.`,
  ].join('\n\n')
}

/** One line for each group that has no page: how it is run, and which level serves the most users. */
async function costs(groups: readonly string[]): Promise<string> {
  const rows = groups.map(async (group) => {
    const run = (await committed(group))?.run
    const said = run && factorViews(run).map(bestText).join('<br>')
    return [`\`ARMS=${group} docker compose up bench\``, said ?? 'not measured yet']
  })
  return markdownTable(['command', 'users before 100 ms'], await Promise.all(rows))
}
