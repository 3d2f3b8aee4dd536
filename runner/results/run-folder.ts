import { mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Value } from 'typebox/value'
import type { MeasuredStage } from '../experiment/stage.ts'
import { withoutCredentials } from '../foreign/address.ts'
import { parseForeignJson } from '../foreign/read.ts'
import { encodeHistogram } from '../load/distribution.ts'
import { Run, RUN_VERSION } from '../measurement/run.ts'
import type { Trial } from '../measurement/trial.ts'
import { shellQuoted } from '../plan/options.ts'
import {
  parseTelemetryCsv,
  telemetryCsv,
  type TelemetryRow,
  telemetryRows,
} from './telemetry-csv.ts'
import { isLock } from './run-lock.ts'
import { storable } from './storable.ts'
import { openRunFiles } from './bundle.ts'
import { makeFolders, makeInside, remedyFor, writeWhole } from './whole-file.ts'

/**
 * Makes the folder of a run: `out` if it is named and empty or absent, else `results/<UTC time>-<profile>`,
 * with a number after it where a run that began in the same second has that name.
 *
 * @param startedAt RFC 3339 UTC
 */
export async function makeFolder(
  out: string | null,
  root: string,
  startedAt: string,
  profile: string,
): Promise<string> {
  const name = `${startedAt.slice(0, 19).replaceAll(':', '-')}Z-${profile}`
  const folder = out ?? join(root, 'results', name)
  try {
    if (out === null) return await makeNew(folder)
    await makeFolders(out)
  } catch (cause) {
    throw new Error(remedyFor(folder, cause), { cause })
  }
  const there = await readdir(folder)
  if (there.includes('run.json')) {
    throw new Error(
      `${folder} holds a run. Name another folder, or go on with --resume ${shellQuoted(folder)}.`,
    )
  }
  if (there.some((file) => !isLock(file))) {
    throw new Error(`${folder} is not empty. Name another folder.`)
  }
  return folder
}

async function makeNew(folder: string): Promise<string> {
  await makeFolders(dirname(folder))
  for (let number = 1; ; number += 1) {
    const path = number === 1 ? folder : `${folder}-${number}`
    try {
      await mkdir(path)
      return path
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || number >= 1_000) throw error
    }
  }
}

/**
 * Reads a run back.
 *
 * @param place its folder or its bundle
 * @throws naming the first field that breaks the schema, or the version of the file
 */
export async function readRun(place: string): Promise<Run> {
  const path = join(place, 'run.json')
  let data: unknown
  try {
    const files = await openRunFiles(place)
    data = parseForeignJson(await files.read('run.json', MAX_RUN_BYTES))
  } catch (cause) {
    throw new Error(`${path} cannot be read: is ${place} the folder of a run?`, { cause })
  }
  return parseRun(data, path)
}

/** @throws naming the first field that breaks the schema, or the version */
function parseRun(data: unknown, what: string): Run {
  const version = (data as { version?: unknown } | null)?.version
  if (version === RUN_VERSION) return checkRun(data, what)
  throw new Error(
    `${what} is of version ${String(version)}; this samehost reads version ${RUN_VERSION}. ` +
      'Read it with the samehost that wrote it: its commit is in the file.',
  )
}

/** The largest run so far, of 15 arms and 3 trials, has 2 MB. */
const MAX_RUN_BYTES = 64 * 2 ** 20

/** Counters by the second, of every part. Nothing where there is no such file. */
export async function readTelemetry(place: string): Promise<TelemetryRow[]> {
  return parseTelemetryCsv(await telemetryText(place).catch(() => ''))
}

/** The text of telemetry.csv. @throws where it cannot be read */
export async function telemetryText(place: string): Promise<string> {
  const files = await openRunFiles(place)
  return await files.read('telemetry.csv', MAX_TELEMETRY_BYTES)
}

/** A day of eight parts, by the second, has some 40 MB. */
const MAX_TELEMETRY_BYTES = 64 * 2 ** 20

/** Bytes of run.json and of the rows of telemetry.csv that can be read back. */
export const READABLE = { run: MAX_RUN_BYTES, rows: MAX_TELEMETRY_BYTES } as const

/** @throws naming the first field that is wrong */
function checkRun(data: unknown, what: string): Run {
  if (Value.Check(Run, data)) return data
  const [first] = Value.Errors(Run, data)
  throw new Error(`${what}: ${first?.instancePath || '/'} ${first?.message ?? 'is wrong'}.`)
}

export type RunFile = Readonly<{
  /** The run as it is on the disk. */
  run(): Run
  /** Keeps a stage, whole, as soon as it has ended; the trial goes on. */
  keepStage(trial: Trial, measured: MeasuredStage): Promise<void>
  keepTrial(trial: Trial): Promise<void>
  /** Adds a warning for readers of the figures; the same one only once. */
  warn(warning: string): Promise<void>
  finish(run: Run): Promise<void>
}>

/**
 * Writes a run as it grows: each stage is on the disk before the next begins, and every file is at all
 * times whole.
 *
 * @param start the run with the trials it already has (none, or those of the run that is resumed)
 */
export async function openRunFile(folder: string, start: Run): Promise<RunFile> {
  let run = start
  const telemetryPath = join(folder, 'telemetry.csv')
  const kept = new Set(start.trials.map((trial) => trial.order))
  const rows = (await readTelemetry(folder)).filter((row) => kept.has(row.trial))
  await makeInside(folder, 'histograms')
  // Left by a run that was killed while it wrote.
  for (const name of await readdir(folder)) {
    if (name.endsWith('.part')) await rm(join(folder, name), { force: true })
  }

  const save = async (next: Run): Promise<void> => {
    const { run: stored, lost } = storable(next)
    const notes = lost.map(
      (what) => `The schema of a run refuses this, so it is not kept: ${what}.`,
    )
    run = { ...stored, warnings: [...new Set([...stored.warnings, ...notes])] }
    await writeWhole(join(folder, 'run.json'), runJson(run))
  }
  const withTrial = (trial: Trial): Run => ({
    ...run,
    trials: [...run.trials.filter((known) => known.order !== trial.order), trial],
  })
  await save(start)
  return {
    run: () => run,
    keepStage: async (trial, measured) => {
      const stage = trial.stages.length - 1
      const { order, arm } = trial
      const where = { trial: order, arm, stage, users: measured.stage.users }
      rows.push(...telemetryRows(where, measured.readings, measured.openedMs))
      await writeWhole(telemetryPath, telemetryCsv(rows))
      await writeWhole(join(folder, histogramFile(order, arm, stage)), histograms(measured))
      await save(withTrial(trial))
    },
    keepTrial: (trial) => save(withTrial(trial)),
    warn: (warning) => save({ ...run, warnings: [...new Set([...run.warnings, warning])] }),
    finish: save,
  }
}

/**
 * The text of run.json, without the password of any address in it.
 *
 * @throws naming the field, if the run is not as its schema says: a defect of the runner
 */
export function runJson(run: Run): string {
  return `${withoutCredentials(JSON.stringify(checkRun(run, 'run.json'), null, 1))}\n`
}

/** Path of a stage's histograms within the folder of the run. */
export function histogramFile(order: number, arm: string, stage: number): string {
  return join('histograms', `${order}-${arm}-${stage}.json`)
}

/** Each endpoint's latencies in microseconds, as compressed HDR histograms in base64. */
function histograms({ window, stage }: MeasuredStage): string {
  const endpoints = Object.fromEntries(
    Object.entries(window.endpoints).map(([name, { success, failure }]) => [
      name,
      { success: encodeHistogram(success), failure: encodeHistogram(failure) },
    ]),
  )
  return `${JSON.stringify({ users: stage.users, unit: 'us', endpoints }, null, 1)}\n`
}
