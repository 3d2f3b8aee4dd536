import { readFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import type { Run } from '../../runner/measurement/run.ts'
import { terminalReport } from '../../runner/report/terminal.ts'
import { readCalibration } from '../../runner/results/calibration-file.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { KIT } from '../docker/kit.ts'
import { calibrationTable } from './calibration.ts'

/** What the README shows of a committed run, between `<!-- run NAME -->` and `<!-- /run NAME -->`. */
interface Excerpt {
  /** Folder of `results/reference/`. */
  readonly name: string
  /** File of its `charts/`. */
  readonly chart: string
  readonly caption: string
  /** The tables of the report that are shown, by their titles; the rest is in the run's own report. */
  readonly tables: RegExp
}

const EXCERPTS: readonly Excerpt[] = [
  {
    name: 'compose-standard',
    chart: 'response-time.svg',
    caption: 'Mean response time against users',
    tables: /^(Verdict|Crossing|The arms side by side|Cost per request)/,
  },
  {
    name: 'compose-article-quick',
    chart: 'response-time.svg',
    caption: 'Mean response time against users: FastAPI and Django',
    tables: /^(Verdict|Crossing)/,
  },
  {
    name: 'compose-grid-quick',
    chart: 'interaction.svg',
    caption: 'Crossing by connection mode, a line for each framework',
    tables: /^(The connection mode explains|Crossing)/,
  },
  {
    name: 'compose-speed',
    chart: 'cost.svg',
    caption: 'CPU of each part for a request, at 240 users',
    tables: /^Cost per request/,
  },
]

/** README.md as it must be: its figures are those of the committed runs, to the letter. */
export async function readmeWithFigures(): Promise<{ is: string; mustBe: string }> {
  const is = await readFile(`${KIT}README.md`, 'utf8')
  let mustBe = is
  for (const excerpt of EXCERPTS) {
    const run = await readRun(`${KIT}results/reference/${excerpt.name}`)
    mustBe = replaceBetween(mustBe, `run ${excerpt.name}`, shown(excerpt, run))
  }
  const { calibration } = await readCalibration(`${KIT}results/reference-calibration.json`)
  mustBe = replaceBetween(mustBe, 'calibration', calibrationTable(calibration))
  const style = await resolveConfig(`${KIT}README.md`)
  return { is, mustBe: await format(mustBe, { ...style, parser: 'markdown' }) }
}

function shown(excerpt: Excerpt, run: Run): string {
  const folder = `results/reference/${excerpt.name}`
  const text = terminalReport(run, { columns: 100, colour: false, unicode: true })
  const parts = text.split('\n\n').filter((part, at) => at === 0 || excerpt.tables.test(part))
  const images = run.environment.parts.some((part) => part.standIn)
    ? 'stand-in images: see its environment'
    : 'official images'
  return [
    `From [the committed run](${folder}/report.md) of ${run.startedAt.slice(0, 10)}, ` +
      `on ${run.environment.host.cores} cores (${images}):`,
    '',
    `![${excerpt.caption}](${folder}/charts/${excerpt.chart})`,
    '',
    '```text',
    parts.join('\n\n').trim(),
    '```',
  ].join('\n')
}

function replaceBetween(text: string, name: string, block: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [before = '', rest] = text.split(start)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`README.md lacks ${start} … ${end}`)
  return `${before}${start}\n\n${block}\n\n${end}${after}`
}
