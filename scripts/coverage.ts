import { writeFile } from 'node:fs/promises'
import { type Coverage, coverage, curves, STAGE_SD } from '../test/fixtures/coverage.ts'
import { BETWEEN_RUNS } from '../runner/analysis/statistics/between-runs.ts'
import { estimatorErrors } from '../test/fixtures/estimator-errors.ts'
import { markdownTable } from './docs/markdown-table.ts'

/**
 * `npm run coverage [RUNS]`: simulates whole runs of services whose truth is known, through the real search
 * and the real analysis, and writes how often each 95 % holds it: results/coverage.json, docs/method/coverage.md.
 */
const runs = Number(process.argv[2] ?? 300)
const all = await curves()
const curve = (name: string) => {
  const found = all[name]
  if (!found) throw new Error(`there is no curve ${name}`)
  return found
}

type Row = Coverage &
  Readonly<{
    curves: string
    trialSd: number | readonly number[]
    runSd: number
    stageSd: number
    trials: number
  }>

const PAIRS = [
  ['one queue, declining', 'three queues'],
  ['pooled, measured', 'per-request, measured'],
] as const

const rows: Row[] = []
function measure(
  [fast, slow]: readonly [string, string],
  trialSd: number | readonly number[],
  trials: number,
  { runSd = 0, stageSd = STAGE_SD } = {},
): void {
  const cell = { trials, trialSd, runSd, stageSd, runs, seed: 17 + rows.length }
  const found = coverage({ ...cell, fast: curve(fast), slow: curve(slow) })
  rows.push({ curves: `${fast} / ${slow}`, trialSd, runSd, stageSd, trials, ...found })
  process.stderr.write(`${rows.length}: ${JSON.stringify(rows.at(-1))}\n`)
}

for (const pair of PAIRS)
  for (const trialSd of [0.03, 0.05, 0.1])
    for (const trials of [3, 5]) measure(pair, trialSd, trials)
for (const trials of [3, 5]) {
  measure(PAIRS[0], [0.03, 0.03, 0.1], trials)
  measure(PAIRS[0], 0.03, trials, { runSd: BETWEEN_RUNS.capacity.sd })
  measure(PAIRS[0], 0.04, trials, { stageSd: 0.05 })
}
const estimators = Object.entries(all).map(([name, one]) => ({
  name,
  ...estimatorErrors(one, { runs, seed: 5, trials: 3 }),
}))

const percent = (share: number) => (100 * share).toFixed(1)
const spread = (sd: number | readonly number[]) =>
  typeof sd === 'number' ? `${100 * sd}` : sd.map((one) => 100 * one).join('/')

const cells = (row: Row): string[] => [
  row.curves,
  spread(row.trialSd),
  String(row.trials),
  percent(row.crossing),
  percent(row.ceiling),
  percent(row.ratio),
  percent(row.prediction),
  percent(row.levelFound),
  percent(row.definiteAtEdge),
  percent(row.crossingHalf),
  percent(row.ratioHalf),
]
const HEADS = [
  'curves (kept / per request)',
  'sd between trials, %',
  'trials',
  'crossing',
  'ceiling',
  'ratio',
  'next run',
  'level found',
  'definite at the edge',
  'crossing ±%',
  'ratio ±%',
]

const page = `# Coverage of the intervals

Do the intervals hold the truth as often as they say?

Written by \`npm run coverage\`: ${runs} simulated runs of \`quick\` a row, each through the real search and the real
analysis, with arms whose truth is known and a ramp that a pilot scaled (10 % off by chance). Stages differ by 2.5 % beyond what their windows show, trials by
what the second column says. One row's share has a standard error of up to ${(100 * Math.sqrt((0.05 * 0.95) / runs)).toFixed(1)} points (three arms a run: less).

- **crossing, ceiling, ratio**: how often the 95 % confidence interval holds the truth, percent.
- **next run**: how often the prediction interval of one run holds the crossing of the next. It allows for
  ${percent(BETWEEN_RUNS.capacity.sd)} % between runs, and where runs have nothing in common it is too wide.
- **level found**: how often arms that are level are found level (band 0.8 to 1.25, both figures).
- **definite at the edge**: how often a verdict is definite though the truth lies exactly on the edge of its band.
- **±%**: median half-width of the interval.

${markdownTable(HEADS, rows.filter((row) => row.runSd === 0 && row.stageSd === STAGE_SD && typeof row.trialSd === 'number').map(cells))}

## Where the assumptions do not hold

Arms that differ in how far their trials are apart:

${markdownTable(HEADS, rows.filter(({ trialSd }) => typeof trialSd !== 'number').map(cells))}

Stages that differ by 5 % beyond what their windows show, as on a shared machine:

${markdownTable(HEADS, rows.filter(({ stageSd }) => stageSd !== STAGE_SD).map(cells))}

An effect of ${percent(BETWEEN_RUNS.capacity.sd)} % that all trials of an arm in a run have in common. No run can see it, so every
interval is named “of this run”, and only that of the next run allows for it:

${markdownTable(HEADS, rows.filter(({ runSd }) => runSd > 0).map(cells))}

## Why the law and not the bracket

The error of one trial's crossing, percent, by both estimators from the very same stages (as \`quick\` chooses them for an arm that its ramp was scaled by). “Measured” are the curves of the committed reference run.

${markdownTable(
  ['curve', 'law: bias', 'law: sd', 'interpolated: bias', 'interpolated: sd', 'probes a trial'],
  estimators.map((row) => [
    row.name,
    percent(row.lawBias),
    percent(row.lawSd),
    percent(row.interpolatedBias),
    percent(row.interpolatedSd),
    row.probes.toFixed(1),
  ]),
)}
`
const at = (path: string) => new URL(`../${path}`, import.meta.url)
await writeFile(
  at('results/coverage.json'),
  `${JSON.stringify({ runs, rows, estimators }, null, 1)}\n`,
)
await writeFile(at('docs/method/coverage.md'), page)
