import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { drawCharts } from '../../runner/report/charts/charts.ts'
import { svgFile } from '../../runner/report/charts/theme.ts'
import { readTelemetry } from '../../runner/results/run-folder.ts'
import { judgedRecord, recordPath } from '../records.ts'

/** A file that the docs show, as it is and as it must be; null: not there. */
export type Picture = Readonly<{ path: string; is: string | null; mustBe: string | null }>

const FOLDER = 'docs/charts'

/** Path of a chart of a committed run, from the root of the project. */
export const chartPath = (run: string, chart: string): string => `${FOLDER}/${run}.${chart}.svg`

/**
 * The charts that pages show, drawn from their bundles, and the files of that folder that no page shows.
 *
 * @param texts of all pages
 */
export async function pictures(root: string, texts: readonly string[]): Promise<Picture[]> {
  const shown = new Map<string, Set<string>>()
  for (const text of texts)
    for (const [, run = '', chart = ''] of text.matchAll(/charts\/([\w-]+)\.([\w-]+)\.svg/g))
      shown.set(run, (shown.get(run) ?? new Set()).add(chart))
  const found: Picture[] = []
  for (const [name, ids] of shown) {
    const charts = drawCharts(await judgedRecord(name), await readTelemetry(recordPath(name)))
    for (const id of ids) {
      const chart = charts.find((one) => one.id === id)
      if (chart === undefined) throw new Error(`${name} has no chart ${id}.`)
      const path = chartPath(name, id)
      found.push({ path, is: await textOrNull(root + path), mustBe: svgFile(chart) })
    }
  }
  const there = existsSync(root + FOLDER) ? await readdir(root + FOLDER) : []
  for (const file of there) {
    const path = `${FOLDER}/${file}`
    if (!found.some((one) => one.path === path))
      found.push({ path, is: await textOrNull(root + path), mustBe: null })
  }
  return found
}

const textOrNull = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch(() => null)
