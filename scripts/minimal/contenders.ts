import { setTimeout as sleep } from 'node:timers/promises'
import { mean, studentT, variance } from '../../runner/analysis/statistics/moments.ts'
import { outcomesOf } from '../../runner/load/figures.ts'
import { SHOP } from '../../runner/kit.ts'
import { startClosed } from '../../runner/load/closed.ts'
import { readScenario } from '../../runner/scenario/scenario.ts'
import { type Contender, type Pair, PAIRS, startBoth } from './containers.ts'

/**
 * `npm run bench:minimal`: is a contender slowed by what the kit asks of it? Each is driven in turn
 * with a minimal version of itself, and its CPU a request must be within 15 % of that one's. Nothing
 * else may run. Exit code 1 if it is not.
 */
const BOUND = 1.15
const ROUNDS = 8
const USERS = 100
const THINK_MS = 500
const WARM_UP_S = 3
const HOLD_S = 8

const scenario = await readScenario(SHOP)

/** CPU microseconds for each request of a window. */
async function cpuUsPerRequest({ url, cpuS }: Contender, seed: number): Promise<number> {
  const load = startClosed({
    url,
    thinkMs: { min: THINK_MS, max: THINK_MS },
    timeoutMs: 10_000,
    seed,
    journey: scenario.journey,
  })
  try {
    await load.apply({ users: USERS })
    await sleep(WARM_UP_S * 1000)
    const before = await cpuS()
    load.openWindow()
    await sleep(HOLD_S * 1000)
    const [window, after] = await Promise.all([load.closeWindow(), cpuS()])
    const { succeeded, failed } = outcomesOf(window)
    if (failed > 0) throw new Error(`${url}: ${failed} requests failed of ${succeeded + failed}`)
    return ((after - before) * 1e6) / succeeded
  } finally {
    await load.stop()
  }
}

/** In turn, and in the other order each second round, so that neither is always first. */
async function comparePair(pair: Pair): Promise<boolean> {
  await using both = await startBoth(pair)
  const logRatios: number[] = []
  // The first round warms both up, and counts for nothing.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const order =
      round % 2 === 0 ? (['contender', 'minimal'] as const) : (['minimal', 'contender'] as const)
    const us = { contender: 0, minimal: 0 }
    for (const name of order) {
      // Two at a time would disturb each other
      us[name] = await cpuUsPerRequest(both[name], round + 1)
    }
    if (round > 0) logRatios.push(Math.log(us.contender / us.minimal))
    process.stdout.write(
      `${pair.name} ${round}/${ROUNDS}: ${us.contender.toFixed(0)} µs, minimal ${us.minimal.toFixed(0)} µs\n`,
    )
  }
  const centre = mean(logRatios)
  const half = studentT(0.95, ROUNDS - 1) * Math.sqrt(variance(logRatios) / ROUNDS)
  const [ratio, low, high] = [centre, centre - half, centre + half].map((log) =>
    Math.exp(log).toFixed(3),
  )
  const within = Math.exp(centre) <= BOUND
  process.stdout.write(
    `${pair.name}: CPU a request ${ratio} times the minimal one’s (95 % interval ${low} to ${high}): ` +
      `${within ? 'within' : 'BEYOND'} ${BOUND}\n`,
  )
  return within
}

let failed = false
for (const pair of PAIRS) {
  // Two at a time would disturb each other
  if (!(await comparePair(pair))) failed = true
}
process.exitCode = failed ? 1 : 0
