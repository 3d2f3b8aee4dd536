import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withAnalysis } from '../runner/cli/report.ts'
import type { Run } from '../runner/measurement/run.ts'
import type { Studied } from '../runner/measurement/study.ts'
import { bundleOf, digestOf } from '../runner/results/bundle.ts'
import { readRun } from '../runner/results/run-folder.ts'
import { STUDY } from '../study/study.ts'

/**
 * `npm run keep -- FOLDER NAME`: makes a run one of record. It is packed into results/reference/NAME.tar.gz,
 * which nothing writes to again, and gets its row in the index.
 */
const ROOT = fileURLToPath(new URL('../', import.meta.url))
const RECORDS = join(ROOT, 'results', 'reference')
const INDEX = join(ROOT, 'results', 'index.json')

/** One reference run ever taken: what it was, what it found on the day, and where it lies. */
export type Row = Readonly<{
  name: string
  /** RFC 3339 UTC. */
  startedAt: string
  commit: string | null
  host: string
  testbed: string
  profile: string
  /** Of each arm. */
  trials: number
  arms: readonly Readonly<{
    arm: string
    /** Its crossing, with the 95 % interval. */
    users: number | null
    interval: readonly [number | null, number | null] | null
    ceilingPerS: number | null
  }>[]
  /** By the id of the claim. */
  verdicts: Readonly<Record<string, string>>
  /** SHA-256 of its bundle; null: its files are in the history of the repository alone. */
  sha256: string | null
  /** Did a later run take its name? None does so since 2026-11-25. */
  replaced: boolean
}>

export const readIndex = async (): Promise<readonly Row[]> =>
  JSON.parse(await readFile(INDEX, 'utf8')) as readonly Row[]

export const recordPath = (name: string): string => join(RECORDS, `${name}.tar.gz`)

/** A committed run by its name, as it was written. */
export const readRecord = (name: string): Promise<Run> => readRun(recordPath(name))

/** The same as today's bounds and analysis judge it: what `report` makes of it. */
export const judgedRecord = async (name: string): Promise<Studied<Run>> =>
  withAnalysis(await readRecord(name), STUDY)

/**
 * The newest committed run whose name begins so and ends there or in one more letter (`factor-pooler`,
 * `factor-pooler-b`): the newest, not the nicest.
 */
export async function newestRecord(prefix: string): Promise<string> {
  const name = await newestRecordOrNull(prefix)
  if (name === null) throw new Error(`No run of record is called ${prefix}.`)
  return name
}

/** The same; null where there is none. */
export const newestRecordOrNull = async (prefix: string): Promise<string | null> =>
  newestOf(await readIndex(), prefix)

/** The same of rows of the index. */
export function newestOf(
  rows: readonly Pick<Row, 'name' | 'startedAt' | 'sha256'>[],
  prefix: string,
): string | null {
  const isOf = new RegExp(`^${prefix}(-[a-z])?$`)
  const own = rows.filter(({ name, sha256 }) => sha256 !== null && isOf.test(name))
  return own.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]?.name ?? null
}

async function keep(folder: string, name: string): Promise<void> {
  const index = await readIndex()
  if (index.some((row) => row.name === name && !row.replaced))
    throw new Error(`${name} is a run of record, and none is replaced. Choose another name.`)
  const run = withAnalysis(await readRun(folder), STUDY)
  const bundle = await bundleOf(folder)
  await writeFile(recordPath(name), bundle, { flag: 'wx' })
  await writeIndex([...index, rowOf(name, run, digestOf(bundle))])
}

const writeIndex = (rows: readonly Row[]): Promise<void> =>
  writeFile(
    INDEX,
    `${JSON.stringify(
      rows.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)),
      null,
      1,
    )}\n`,
  )

function rowOf(name: string, run: Run, sha256: string): Row {
  const { startedAt, configuration, environment, crossings, claims } = run
  const { host, testbed, git } = environment
  return {
    name,
    startedAt,
    commit: git.commit?.slice(0, 7) ?? null,
    host: `${host.cores} × ${host.cpuModel ?? 'unknown CPU'}`,
    testbed,
    profile: configuration.profile,
    trials: configuration.trials,
    arms: crossings.map(({ arm, users, interval, ceilingPerS }) => ({
      arm,
      users,
      interval: interval && [interval.low, interval.high],
      ceilingPerS,
    })),
    verdicts: Object.fromEntries(claims.map(({ id, verdict }) => [id, verdict])),
    sha256,
    replaced: false,
  }
}

if (import.meta.main) {
  const [folder, name, ...more] = process.argv.slice(2)
  if (folder === undefined || name === undefined || more.length > 0 || !/^[\w-]+$/.test(name)) {
    process.stderr.write(
      'npm run keep -- FOLDER NAME: a run’s folder, and a name of letters, digits and -.\n',
    )
    process.exitCode = 2
  } else {
    await keep(folder, name)
    process.stdout.write('Kept. Name it in the pages that are to show it, then: npm run docs\n')
  }
}
