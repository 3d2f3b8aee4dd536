import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { analyse } from '../runner/analysis/analyse.ts'
import { decisionTexts } from '../runner/analysis/factors/decisions.ts'
import {
  factorText,
  type FactorView,
  factorViews,
  type Figure,
} from '../runner/analysis/factors/levels.ts'
import type { Run } from '../runner/measurement/run.ts'
import { testbedLine } from '../runner/report/headline.ts'
import { amount, range, us } from '../runner/report/sheet.ts'
import { readRun } from '../runner/results/run-folder.ts'

/**
 * `npm run docs:factors`: fills what docs/factors/ says of each group from its committed run, which is
 * results/reference/factor-GROUP. A block stands between `<!-- answer -->` and `<!-- /answer -->`.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const BLOCK = /<!-- (answer|costs)(?: ([^>]*))? -->.*?<!-- \/\1 -->/gs
const NONE = 'No run of this group is committed yet.'

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
    const said = name === 'costs' ? await costs(groups.split(' ')) : await answer(groups)
    result += `${text.slice(from, block.index)}${opening}\n\n${said}\n\n<!-- /${name} -->`
    from = block.index + whole.length
  }
  const style = await resolveConfig(ROOT + path)
  return await format(result + text.slice(from), { ...style, parser: 'markdown' })
}

const folderOf = (group: string): string => `results/reference/factor-${group}`

/** The committed run of a group, judged as the code judges now; null if there is none. */
async function committed(group: string): Promise<Run | null> {
  if (!existsSync(`${ROOT}${folderOf(group)}/run.json`)) return null
  const run = await readRun(ROOT + folderOf(group))
  return { ...run, ...analyse(run) }
}

/** What the run of a group says, its picture, and where it is from. */
async function answer(group: string): Promise<string> {
  const run = await committed(group)
  if (run === null) return NONE
  const views = factorViews(run)
  const link = (file: string): string => `../../${folderOf(group)}/${file}`
  const sentences = [...views.map(factorText), ...decisionTexts(run).slice(0, 1)]
  return [
    sentences.map((text) => `- ${text}`).join('\n'),
    ...views.map(table),
    `![What it costs: ${views[0]?.factor}](${link('charts/factor-1.svg')})`,
    `From [a run](${link('report.md')}) of ${run.startedAt.slice(0, 10)}, profile ` +
      `\`${run.configuration.profile}\`, ${run.configuration.trials} trials; ${testbedLine(run)}.`,
  ].join('\n\n')
}

function table({ from, levels, users, optimum }: FactorView): string {
  const shown = (figure: Figure | null, form: (value: number | null | undefined) => string) =>
    figure === null
      ? '–'
      : form(figure.value) + (figure.interval ? ` (${range(figure.interval, form)})` : '')
  const head = ['level', 'crossing, users', 'ceiling, req/s', 'app, µs', 'database, µs']
  const rows = levels.map(({ level, crossing, ceiling, appUs, dbUs }) => [
    optimum?.candidates?.includes(level) ? `**${level}**` : level,
    shown(crossing, amount),
    shown(ceiling, amount),
    shown(appUs, us),
    shown(dbUs, us),
  ])
  const at = users === null ? '' : `, CPU of a request at ${users} users`
  return [`Changed from \`${from}\`${at}:`, '', markdownTable(head, rows)].join('\n')
}

/** One line for each group that has a run: what it costs. */
async function costs(groups: readonly string[]): Promise<string> {
  const rows: string[][] = []
  for (const group of groups) {
    const run = await committed(group)
    const said = run === null ? NONE : factorViews(run).map(factorText).join('<br>')
    rows.push([`[${group}](${group}.md)`, said])
  }
  return markdownTable(['group', 'what it costs'], rows)
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

if (import.meta.main) {
  for (const { path, is, mustBe } of await factorPages()) {
    if (is !== mustBe) await writeFile(ROOT + path, mustBe)
  }
}
