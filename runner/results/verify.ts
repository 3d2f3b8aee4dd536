import type { Histogram } from 'hdr-histogram-js'
import { createDistribution, decodeHistogram } from '../load/distribution.ts'
import type { Figures } from '../measurement/figures.ts'
import type { Run } from '../measurement/run.ts'
import type { RunFiles } from './bundle.ts'
import { histogramFile } from './run-folder.ts'

/** What was recomputed, and each figure of run.json that its histogram does not give: a line each. */
export type Verification = Readonly<{ figures: number; differences: readonly string[] }>

/** Shares by which a figure may differ. A histogram has three significant digits: count and percentiles are the
 * very same, mean and maximum are kept exactly beside it and so may differ by its resolution. */
const EXACT = 0
const RESOLUTION = 1e-3
/** ms. The histogram counts whole microseconds. */
const GRAIN_MS = 1e-3

const FIGURES: readonly (readonly [
  name: keyof Omit<Figures, 'errors' | 'throughputPerS'>,
  from: (histogram: Histogram) => number,
  share: number,
])[] = [
  ['requests', (histogram) => histogram.totalCount, EXACT],
  ['p50Ms', (histogram) => histogram.getValueAtPercentile(50) / 1000, EXACT],
  ['p90Ms', (histogram) => histogram.getValueAtPercentile(90) / 1000, EXACT],
  ['p95Ms', (histogram) => histogram.getValueAtPercentile(95) / 1000, EXACT],
  ['p99Ms', (histogram) => histogram.getValueAtPercentile(99) / 1000, EXACT],
  ['meanMs', (histogram) => histogram.mean / 1000, RESOLUTION],
  ['maxMs', (histogram) => histogram.maxValue / 1000, RESOLUTION],
]

/**
 * Recomputes every latency figure of a run (each endpoint and all together) from its histograms: counts and
 * percentiles to the digit, means and maxima within the resolution of the histogram.
 */
export async function verifyFigures(run: Run, files: RunFiles): Promise<Verification> {
  const differences: string[] = []
  let figures = 0
  for (const { order, arm, stages } of run.trials)
    for (const [at, stage] of stages.entries()) {
      const file = histogramFile(order, arm, at)
      const read = await histogramsOf(files, file)
      if (typeof read === 'string') {
        differences.push(`${file}: ${read}.`)
        continue
      }
      const all = createDistribution().histogram
      for (const histogram of read.values()) all.add(histogram)
      const stated: readonly (readonly [string, Figures, Histogram | undefined])[] = [
        ['all endpoints', stage.all, all],
        ...Object.entries(stage.endpoints).map(
          ([name, own]) => [name, own, read.get(name)] as const,
        ),
      ]
      for (const [what, own, histogram] of stated)
        for (const [name, from, share] of FIGURES) {
          figures += 1
          const found =
            histogram === undefined || histogram.totalCount === 0 ? null : from(histogram)
          const here = name === 'requests' ? (found ?? 0) : found
          if (!isSame(own[name], here, share))
            differences.push(
              `${file}, ${what}: ${name} is ${own[name]} in run.json and ${here} here.`,
            )
        }
    }
  return { figures, differences }
}

function isSame(stated: number | null, found: number | null, share: number): boolean {
  if (stated === null || found === null) return stated === found
  if (share === EXACT) return stated === found
  return Math.abs(stated - found) <= GRAIN_MS + share * Math.abs(stated)
}

/** The histogram of each endpoint's successes; or why it cannot be read. */
async function histogramsOf(
  files: RunFiles,
  file: string,
): Promise<ReadonlyMap<string, Histogram> | string> {
  try {
    const { endpoints } = JSON.parse(await files.read(file, MAX_HISTOGRAM_BYTES)) as {
      endpoints: Record<string, { success: string }>
    }
    return new Map(
      Object.entries(endpoints).map(([name, { success }]) => [name, decodeHistogram(success)]),
    )
  } catch (error) {
    return `it cannot be read (${error instanceof Error ? error.message : String(error)})`
  }
}

/** The largest so far has 20 kB. */
const MAX_HISTOGRAM_BYTES = 2 ** 20
