import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { mean } from '../runner/analysis/statistics/moments.ts'
import { allFigures } from '../runner/load/figures.ts'
import { SHOP } from '../runner/kit.ts'
import { readScenario } from '../runner/scenario/scenario.ts'
import { shareSecret } from '../runner/scenario/secret.ts'
import { startClosed } from '../runner/load/closed.ts'
import { CPU_PERIOD_US } from '../runner/plan/hosts.ts'
import { seeded } from '../test/fixtures/random.ts'

/**
 * `npm run cpu:period`: how long should the period of a CPU limit be? Fresh processes of two arms, with the
 * limits that fit a machine of two cores, by periods of several lengths in a random order: docs/method/cpu-period.md.
 * Twelve minutes, Docker, nothing else running.
 */
const PERIODS_US = [10_000, 25_000, 50_000, CPU_PERIOD_US]
const ROUNDS = 3
const [APP_CORES, DB_CORES] = [0.26, 0.52]
/** Light, middling, and near the most that the arm serves with these limits. */
const LOADS = [
  ['pooled', [100, 300, 600]],
  ['per-request', [20, 50, 80]],
] as const
const [START_MS, WARM_UP_MS, SECONDS] = [4_000, 2_500, 5]

const run = promisify(execFile)
const compose = async (...args: string[]): Promise<string> =>
  (await run('docker', ['compose', ...args])).stdout.trim()

async function setLimit(service: string, cores: number, periodUs: number): Promise<void> {
  const id = await compose('ps', '-q', service)
  const quota = String(Math.round(cores * periodUs))
  await run('docker', ['update', '--cpu-period', String(periodUs), '--cpu-quota', quota, id])
}

/** Means over the window's seconds. */
type Figures = Readonly<{ throughputPerS: number; meanMs: number; p95Ms: number; p99Ms: number }>

const scenario = await readScenario(SHOP)

/** One fresh process of the arm under each load in turn. */
async function measure(
  arm: string,
  users: readonly number[],
  { periodUs, seed }: Readonly<{ periodUs: number; seed: number }>,
): Promise<Figures[]> {
  await setLimit(arm, 1, CPU_PERIOD_US)
  await compose('restart', '-t', '1', arm)
  await compose('up', '-d', '--wait', '--no-deps', arm)
  const load = startClosed({
    url: `http://127.0.0.1:8080/${arm}`,
    thinkMs: { min: 250, max: 750 },
    timeoutMs: 10_000,
    seed,
    journey: scenario.journey,
  })
  const figures: Figures[] = []
  try {
    for (const [at, count] of users.entries()) {
      await load.apply({ users: count })
      if (at === 0) {
        await sleep(START_MS)
        await setLimit(arm, APP_CORES, periodUs)
        await setLimit('db', DB_CORES, periodUs)
      }
      await sleep(WARM_UP_MS)
      const seconds: ReturnType<typeof allFigures>[] = []
      for (let second = 0; second < SECONDS; second += 1) {
        load.openWindow()
        await sleep(1_000)
        seconds.push(allFigures(await load.closeWindow()))
      }
      const of = (key: keyof Figures) => mean(seconds.map((figure) => figure[key] ?? Number.NaN))
      figures.push({
        throughputPerS: of('throughputPerS'),
        meanMs: of('meanMs'),
        p95Ms: of('p95Ms'),
        p99Ms: of('p99Ms'),
      })
    }
  } finally {
    await load.stop()
  }
  return figures
}

const rows: { arm: string; users: number; periodUs: number; figures: Figures }[] = []
await compose('up', '-d', '--build', '--wait', 'nginx', 'stats-window')
// Of this project: by what its services know the tokens of users.
shareSecret(scenario.secret, await compose('exec', '-T', 'db', 'cat', '/run/samehost/token'))
try {
  const random = seeded(5)
  for (const [arm, users] of LOADS) {
    // Makes the database; what it asks of the arm is over when it ends.
    await compose('run', '--rm', '--no-deps', '-T', 'bench', 'verify', arm)
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = PERIODS_US.map((periodUs) => ({ periodUs, rank: random() }))
      for (const { periodUs } of order.toSorted((a, b) => a.rank - b.rank)) {
        process.stderr.write(`round ${round + 1} of ${ROUNDS}: ${arm}, ${periodUs / 1000} ms\n`)
        const all = await measure(arm, users, { periodUs, seed: round })
        for (const [at, figures] of all.entries())
          rows.push({ arm, users: users[at] ?? 0, periodUs, figures })
      }
    }
  }
} finally {
  await compose('down', '-v', '-t', '2')
}

/** Mean of the processes, and their least and most. */
function cell(of: readonly Figures[], key: keyof Figures): string {
  const values = of.map((figures) => figures[key])
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const digits = key === 'throughputPerS' ? 0 : 1
  return `${mean(values).toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`
}

const body = LOADS.flatMap(([arm, counts]) =>
  counts.flatMap((users) =>
    PERIODS_US.map((periodUs) => {
      const of = rows
        .filter((row) => row.arm === arm && row.users === users && row.periodUs === periodUs)
        .map(({ figures }) => figures)
      const keys = ['throughputPerS', 'meanMs', 'p95Ms', 'p99Ms'] as const
      return `| ${[arm, users, periodUs / 1000, ...keys.map((key) => cell(of, key))].join(' | ')} |`
    }),
  ),
)
await writeFile(
  new URL('../docs/method/cpu-period.md', import.meta.url),
  `# The period of a CPU limit

How long should a part wait until its quota is given out again?

Written by \`npm run cpu:period\`: ${ROUNDS} fresh processes for each period, ${SECONDS} s for each load, application
${APP_CORES} and database ${DB_CORES} of a core, pauses of 250 to 750 ms. p95 and p99 are means of those of its seconds. Mean of the processes (least to most).

| arm | users | period, ms | requests/s | mean, ms | p95, ms | p99, ms |
| --- | --- | --- | --- | --- | --- | --- |
${body.join('\n')}

The kit's limits have the period of ${CPU_PERIOD_US / 1000} ms, which is the kernel's and Docker's own. A short one was to make a
slow core slow rather than one that stops and goes. Below their limit arms are slower and less even with it; at the
limit processes differ more than periods do. The mechanism is not proven. Linux hands a quota out to the cores in slices
of 5 ms ([CFS bandwidth control](https://docs.kernel.org/scheduler/sched-bwc.html)), more than the 2.6 ms that there are
in 10, but a period of 25 ms is no better. With 100 ms a part that has used its quota up stands still for up to 74 ms:
near the limit that is part of its response time. A request is served faster than on a slow core as long as there is
quota left: low response times far from
the limit are those of this machine's core, not of a slower one.
`,
)
