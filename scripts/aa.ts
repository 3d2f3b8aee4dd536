import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare } from '../runner/analysis/compare/compare.ts'
import { answerOf } from '../runner/analysis/compare/comparison.ts'
import { mean, variance } from '../runner/analysis/statistics/moments.ts'
import { judgedAgain } from '../runner/analysis/validity.ts'
import { againCommand } from '../runner/plan/options.ts'
import { readRun } from '../runner/results/run-folder.ts'

/**
 * `npm run aa [DIR DIR …]`: compares runs of one commit with each other, all pairs. Nothing differs between
 * them, so every difference that is found is a false alarm: a page with their share, by kind of row. Without
 * folders it is of the runs that are kept in results/aa, and written to docs/aa.md.
 */
const KEPT = fileURLToPath(new URL('../results/aa/', import.meta.url))
const given = process.argv.slice(2)
const kept = async () =>
  (await readdir(KEPT, { withFileTypes: true }).catch(() => []))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(KEPT, name))
    .toSorted()
const folders = given.length > 0 ? given : await kept()
if (folders.length < 2) {
  process.stderr.write('npm run aa needs the folders of two runs or more of one commit.\n')
  process.exit(2)
}
const runs = await Promise.all(folders.map(async (folder) => judgedAgain(await readRun(folder))))
const commits = new Set(runs.map(({ environment }) => environment.git.commit))
if (commits.size > 1) {
  process.stderr.write(`These runs are of ${commits.size} commits: what differs may be real.\n`)
  process.exit(2)
}

type Kind = {
  rows: number
  flagged: number
  /** Logarithms of the ratios of two runs. */
  ratios: number[]
}
/** What may differ between two runs of one thing: each draws its seed, and finds its own ramp by a pilot. */
const MAY_DIFFER = new Set(['seed', 'ramp'])
/** By row, of the pairs that differ in nothing else, and of the others: then a difference may be real. */
const alike = new Map<string, Kind>()
const unlike = new Map<string, Kind>()
const differ = new Set<string>()
let [refused, alikePairs, unlikePairs] = [0, 0, 0]
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
    const kinds = other.length === 0 ? alike : unlike
    if (other.length === 0) alikePairs += 1
    else unlikePairs += 1
    for (const row of found.arms.flatMap(({ rows }) => rows)) {
      const answer = answerOf(row)
      if (answer === 'unknown' || row.a === null || row.b === null) continue
      const name = row.what.replace(/ at \d+ users$/, ' of a step')
      const kind = kinds.get(name) ?? { rows: 0, flagged: 0, ratios: [] }
      kind.rows += 1
      if (answer !== 'same') kind.flagged += 1
      kind.ratios.push(Math.log(row.b / row.a))
      kinds.set(name, kind)
    }
  }

const percent = (share: number) => `${(100 * share).toFixed(1)} %`
const sumOf = (kinds: ReadonlyMap<string, Kind>): string => {
  const all = [...kinds.values()]
  const rows = all.reduce((sum, kind) => sum + kind.rows, 0)
  const flagged = all.reduce((sum, kind) => sum + kind.flagged, 0)
  return `Of ${rows} rows ${flagged} do: ${percent(flagged / Math.max(1, rows))}.`
}
const tableOf = (kinds: ReadonlyMap<string, Kind>): string =>
  [
    '| row | rows | flagged | share | sd of one run |',
    '| --- | --- | --- | --- | --- |',
    ...[...kinds].map(([name, { rows, flagged, ratios }]) => {
      // Two runs differ by √2 times what one differs from the mean of all.
      const sd = Math.sqrt(variance(ratios) + mean(ratios) ** 2) / Math.SQRT2
      return `| ${[name, rows, flagged, percent(flagged / rows), percent(sd)].join(' | ')} |`
    }),
  ].join('\n')
const commit = runs[0]?.environment.git.commit ?? 'unknown'
const unlikeText = `
## On another machine

${unlikePairs} pairs are of runs that differ in ${[...differ].join(', ')}. They are of another day and another machine of the same
kind (\`commit\` differs by files that lay beside the checkout). What differs there may be real, so a row that shows a difference is no false alarm. ${sumOf(unlike)}

${tableOf(unlike)}
`
const page = `# Runs of one commit against each other

How often does compare find a difference where there is none?

Written by \`npm run aa\`: ${runs.length} runs of ${commit.slice(0, 7)}, each compared with each${refused > 0 ? `, ${refused} pairs refused` : ''}. ${alikePairs} pairs differ in nothing that
was recorded but their seeds, and the ramp that a pilot found: a row that shows a difference is a false alarm. ${sumOf(alike)}

${tableOf(alike)}
${unlikePairs > 0 ? unlikeText : ''}
The runs are in results/aa, in the order in which they were made, each by

\`\`\`sh
${runs[0] === undefined ? '' : againCommand(runs[0]).replace(/ --seed \d+/, '')} --out results/aa/NN
\`\`\`
`
if (given.length > 0) process.stdout.write(page)
else await writeFile(new URL('../docs/aa.md', import.meta.url), page)
