import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare } from '../runner/analysis/compare/compare.ts'
import { answerOf } from '../runner/analysis/compare/comparison.ts'
import { mean, variance } from '../runner/analysis/statistics/moments.ts'
import { judgedAgain } from '../runner/analysis/standing.ts'
import type { Run } from '../runner/measurement/run.ts'
import { againCommand } from '../runner/plan/options.ts'
import { readRun } from '../runner/results/run-folder.ts'
import { markdownTable } from './docs/markdown-table.ts'

/**
 * `npm run aa [DIR DIR …]`: compares runs of one commit with each other, all pairs. Nothing differs between
 * them, so every difference that is found is a false alarm: a page with their share, by kind of row. Without
 * folders it is of the sets of runs that are kept in results/aa, each a folder, and written to docs/method/aa.md.
 */
const KEPT = fileURLToPath(new URL('../results/aa/', import.meta.url))

const foldersIn = async (place: string): Promise<string[]> =>
  (await readdir(place, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(place, name))
    .toSorted()

const readAll = async (folders: readonly string[]): Promise<Run[]> => {
  const runs = await Promise.all(folders.map(async (folder) => judgedAgain(await readRun(folder))))
  return runs.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
}

/** What may differ between two runs of one thing: each draws its seed, finds ramp and hosts by a pilot, and is pushed as far. */
const MAY_DIFFER = new Set(['seed', 'ramp', 'fitted hosts', 'parts that competed for cores'])

type Kind = {
  rows: number
  flagged: number
  /** Logarithms of the ratios of two runs. */
  ratios: number[]
}
/** By row. */
type Kinds = Map<string, Kind>
type Pairs = { count: number; kinds: Kinds }

/** All pairs of a set, apart by whether they differ in anything that was recorded. */
function compareAll(runs: readonly Run[]) {
  const alike: Pairs = { count: 0, kinds: new Map() }
  const unlike: Pairs = { count: 0, kinds: new Map() }
  const differ = new Set<string>()
  let refused = 0
  for (const [at, a] of runs.entries())
    for (const b of runs.slice(at + 1)) {
      const found = compare({ name: 'A', runs: [a] }, { name: 'B', runs: [b] })
      if ('refused' in found) {
        refused += 1
        process.stderr.write(`${found.refused.join('\n')}\n`)
        continue
      }
      const other = found.differences.filter(({ what }) => !MAY_DIFFER.has(what))
      for (const { what } of other) differ.add(what)
      const pairs = other.length === 0 ? alike : unlike
      pairs.count += 1
      for (const row of found.arms.flatMap(({ rows }) => rows)) {
        const answer = answerOf(row)
        if (answer === 'unknown' || row.a === null || row.b === null) continue
        const name = row.what.replace(/ at \d+ users$/, ' of a step')
        const kind = pairs.kinds.get(name) ?? { rows: 0, flagged: 0, ratios: [] }
        kind.rows += 1
        if (answer !== 'same') kind.flagged += 1
        kind.ratios.push(Math.log(row.b / row.a))
        pairs.kinds.set(name, kind)
      }
    }
  return { alike, unlike, differ, refused }
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`

function sumOf(...all: readonly Kinds[]): string {
  const kinds = all.flatMap((some) => [...some.values()])
  const rows = kinds.reduce((sum, kind) => sum + kind.rows, 0)
  const flagged = kinds.reduce((sum, kind) => sum + kind.flagged, 0)
  return `of ${rows} rows ${flagged} show a difference, ${percent(flagged / Math.max(1, rows))}`
}

const tableOf = (kinds: Kinds): string =>
  markdownTable(
    ['row', 'rows', 'flagged', 'share', 'sd of one run'],
    [...kinds].map(([name, { rows, flagged, ratios }]) => {
      // Two runs differ by √2 times what one differs from the mean of all.
      const sd = Math.sqrt(variance(ratios) + mean(ratios) ** 2) / Math.SQRT2
      return [name, String(rows), String(flagged), percent(flagged / rows), percent(sd)]
    }),
  )

/** @param place where the runs are, from the root of the project */
function sectionOf(runs: readonly Run[], place: string): string {
  const { alike, unlike, differ, refused } = compareAll(runs)
  const [first] = runs
  if (first === undefined) return ''
  const day = first.startedAt.slice(0, 10)
  const commit = first.environment.git.commit?.slice(0, 7) ?? 'unknown'
  const all = `**All ${alike.count + unlike.count} pairs: ${sumOf(alike.kinds, unlike.kinds)}.**`
  const parts = [
    `## ${runs.length} runs of ${commit}, from ${day} on`,
    `${all}${refused > 0 ? ` ${refused} pairs were refused.` : ''}`,
  ]
  if (unlike.count > 0)
    parts.push(`In ${alike.count} pairs nothing differs: ${sumOf(alike.kinds)}.`)
  if (alike.count > 0) parts.push(tableOf(alike.kinds))
  if (unlike.count > 0)
    parts.push(
      `The other ${unlike.count} pairs differ in ${[...differ].join(', ')}: what differs there may be real. There ${sumOf(unlike.kinds)}.`,
      tableOf(unlike.kinds),
    )
  parts.push(
    `The runs are in ${place}, in the order in which they were made, each by`,
    `\`\`\`sh\n${againCommand(first).replace(/ --seed \d+/, '')} --out ${place}/NN\n\`\`\``,
  )
  return parts.join('\n\n')
}

const given = process.argv.slice(2)
if (given.length === 1) {
  process.stderr.write('npm run aa needs the folders of two runs or more of one commit.\n')
  process.exit(2)
}
const sets =
  given.length > 0
    ? [{ place: 'results', runs: await readAll(given) }]
    : await Promise.all(
        (await foldersIn(KEPT)).map(async (set) => ({
          place: `results/aa/${set.slice(KEPT.length)}`,
          runs: await readAll(await foldersIn(set)),
        })),
      )
for (const { place, runs } of sets) {
  const commits = new Set(runs.map(({ environment }) => environment.git.commit))
  if (commits.size <= 1) continue
  process.stderr.write(`${place}: runs of ${commits.size} commits, so what differs may be real.\n`)
  process.exit(2)
}
const newestFirst = sets.toSorted((a, b) =>
  (b.runs[0]?.startedAt ?? '').localeCompare(a.runs[0]?.startedAt ?? ''),
)
const page = `# Runs of one commit against each other

How often does compare find a difference where there is none?

Written by \`npm run aa\`: in each set every run is compared with every other. What they may differ in by
design is the seed, and the ramp that a pilot finds. Where nothing else differs, each row that shows a
difference is a false alarm.

${newestFirst.map(({ place, runs }) => sectionOf(runs, place)).join('\n\n')}
`
if (given.length > 0) process.stdout.write(page)
else await writeFile(new URL('../docs/method/aa.md', import.meta.url), page)
