import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { withAnalysis } from '../runner/cli/report.ts'
import type { Run } from '../runner/measurement/run.ts'
import { type LedgerRow, likenessOf } from '../runner/results/ledger-file.ts'
import { parseRun } from '../runner/results/run-folder.ts'
import { markdownTable } from './docs/markdown-table.ts'

/**
 * `npm run ledger`: every reference run ever taken, a row each, from the history of the repository:
 * results/ledger.json and docs/ledger.md. Its figures are those that today's analysis makes of it.
 */
const run = promisify(execFile)
const ROOT = new URL('../', import.meta.url)
const git = async (...args: string[]) =>
  (await run('git', args, { cwd: ROOT, maxBuffer: 1 << 28 })).stdout

/** Written before any run is judged by it: a run is in whatever it says. */
const RULE = {
  in: 'in: it stands in results/reference',
  out: 'out: a later run took its place, before this ledger; since it, no run is replaced',
} as const

const rows = new Map<string, LedgerRow>()
const log = await git('log', '--all', '--format=@%H', '--name-only', '--', 'results/reference')
let commit = ''
const versions: [commit: string, path: string][] = []
for (const line of log.split('\n')) {
  if (line.startsWith('@')) commit = line.slice(1)
  else if (line.endsWith('/run.json')) versions.push([commit, line])
}
for (const path of (await git('ls-files', 'results/reference')).split('\n')) {
  if (!path.endsWith('/run.json')) continue
  const one = parseRun(JSON.parse(await readFile(new URL(path, ROOT), 'utf8')), path)
  rows.set(one.startedAt, rowOf(one, path, 'in'))
}
for (const [from, path] of versions) {
  const text = await git('show', `${from}:${path}`).catch(() => null)
  if (text === null) continue
  const data = JSON.parse(text) as { startedAt: string }
  if (rows.has(data.startedAt)) continue
  rows.set(data.startedAt, rowOf(parseRun(data, `${from}:${path}`), path, 'out'))
}

function rowOf(read: Run, path: string, rule: LedgerRow['rule']): LedgerRow {
  const { startedAt, configuration, environment, crossings } = withAnalysis(read)
  return {
    startedAt,
    folder: path.split('/').at(-2) ?? path,
    ...likenessOf(read),
    profile: configuration.profile,
    commit: environment.git.commit?.slice(0, 7) ?? null,
    trials: configuration.trials,
    arms: crossings.map(({ arm, users: crossing, interval, ceilingPerS }) => ({
      arm,
      users: crossing,
      interval: interval && [interval.low, interval.high],
      ceilingPerS,
    })),
    rule,
  }
}

const sorted = [...rows.values()].toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
const amount = (value: number | null) => (value === null ? '–' : value.toFixed(value < 100 ? 1 : 0))
const arms = (row: LedgerRow) =>
  row.arms
    .map(({ arm, users, interval }) => {
      const reach = interval ? ` (${amount(interval[0])}–${amount(interval[1])})` : ''
      return `${arm} ${amount(users)}${reach}`
    })
    .join('; ')
const HEADS = [
  'begun (UTC)',
  'folder',
  'host',
  'testbed',
  'profile',
  'kit',
  'trials',
  'users at the threshold',
  '',
]
const table = markdownTable(
  HEADS,
  sorted.map((row) => [
    row.startedAt.slice(0, 16).replace('T', ' '),
    row.folder,
    row.host,
    row.testbed,
    row.profile,
    row.commit ?? '–',
    String(row.trials),
    arms(row),
    row.rule,
  ]),
)

await writeFile(new URL('results/ledger.json', ROOT), `${JSON.stringify(sorted, null, 1)}\n`)
await writeFile(
  new URL('docs/ledger.md', ROOT),
  `# Every reference run

Which reference runs were ever taken, and what did each find?

Written by \`npm run ledger\` from the history of the repository: every run that was ever committed as a
reference, whatever it says. The figures are those that today's analysis makes of it; an interval needs three
trials. ${RULE.in}. ${RULE.out}.

${table}
`,
)
