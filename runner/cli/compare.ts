import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { compare as compareSides } from '../analysis/compare/compare.ts'
import type { Side } from '../analysis/compare/comparison.ts'
import { printable } from '../foreign/printable.ts'
import type { Run } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import { testbedLine } from '../report/method.ts'
import { comparisonSheet, differencesSheet } from '../report/tables/comparison.ts'
import { table } from '../report/terminal.ts'
import { counts, judgedAgain, leftOut } from '../analysis/standing.ts'
import { readRun } from '../results/run-folder.ts'
import { UsageError } from './options.ts'
import { screenOf } from './screen.ts'

/** `compare A B`: what differs, then the ratios B / A with their intervals. */
export async function compare(args: readonly string[], study: Study | null): Promise<number> {
  const [folderA, folderB, ...more] = args
  if (folderA === undefined || folderB === undefined || more.length > 0) {
    throw new UsageError(['compare needs two runs, or two folders of runs: compare DIR DIR.'])
  }
  const [a, b] = [await readSide('A', folderA), await readSide('B', folderB)]
  const found = compareSides(a, b)
  if ('refused' in found) throw new UsageError(found.refused)
  const where = [a, b].map(({ runs }) => testbedLine({ ...runs[0], study }))
  const place = [...new Set(where)].join('; B: ')
  const sheets = [
    differencesSheet(found),
    ...found.arms.map((arm) => comparisonSheet(arm, place, found.apart)),
  ]
  const screen = screenOf(process)
  const legend = [a, b].map(({ name, runs }, at) =>
    [
      `${name}: ${args[at]} (${trials(runs)})`,
      `begun ${begun(runs)} UTC`,
      ...runs.flatMap((run) => leftOut(run.trials)),
    ].join('\n   '),
  )
  const parts = [printable(legend.join('\n')), ...sheets.map((sheet) => table(sheet, screen))]
  process.stdout.write(`${parts.join('\n\n')}\n`)
  return 0
}

function trials(runs: readonly Run[]): string {
  const count = runs.reduce((sum, run) => sum + run.trials.filter(counts).length, 0)
  return `${runs.length} run${runs.length === 1 ? '' : 's'}, ${count} trials`
}

function begun(runs: readonly Run[]): string {
  const [first, ...others] = runs.map(({ startedAt }) => minuteOf(startedAt)).toSorted()
  const last = others.at(-1)
  return last === undefined ? `${first}` : `${first} to ${last}`
}

/** `2026-01-02T03:04:05.678Z` as `2026-01-02 03:04`. */
const minuteOf = (rfc3339: string) => rfc3339.slice(0, 16).replace('T', ' ')

/** A run, or a folder whose subfolders are runs. */
async function readSide(name: string, folder: string): Promise<Side> {
  const own = (await isRun(folder)) ? [folder] : await runsIn(folder)
  const [first, ...others] = await Promise.all(own.map(readOrRefuse))
  if (first === undefined) {
    throw new UsageError([`${folder} is no run and holds none: a run’s folder has a run.json.`])
  }
  return { name, runs: [first, ...others] }
}

const isRun = (folder: string): Promise<boolean> =>
  stat(join(folder, 'run.json')).then(
    (file) => file.isFile(),
    () => false,
  )

async function runsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
  const paths = names.map((name) => join(folder, name)).toSorted((a, b) => (a < b ? -1 : 1))
  const are = await Promise.all(paths.map(isRun))
  return paths.filter((_, at) => are[at])
}

/** A run of another version, or one that is not whole, cannot be compared: that is a refusal too. */
async function readOrRefuse(folder: string): Promise<Run> {
  try {
    return judgedAgain(await readRun(folder))
  } catch (error) {
    throw new UsageError([error instanceof Error ? error.message : String(error)])
  }
}
