import { writeFile } from 'node:fs/promises'
import { BOUNDS, type CheckId } from '../runner/analysis/checks/checks.ts'
import { judge } from '../runner/analysis/validity.ts'
import type { ClosedLoop } from '../test/fixtures/closed-loop.ts'
import { closedLoopStage } from '../test/fixtures/closed-loop-stage.ts'
import { markdownTable } from './docs/markdown-table.ts'
import { seeded } from '../test/fixtures/random.ts'

/** `npm run check:power [RUNS]`: false-alarm rate and power of the checks that rest on chance: docs/method/check-power.md. */
const runs = Number(process.argv[2] ?? 400)
/** 480 requests/s at most: it crosses 100 ms at 288 users. */
const BASE = { serviceMs: 1000 / 480, thinkMs: 500, warmUpS: 6 }
const LOADS = [
  ['far below the knee', 40],
  ['below the knee', 160],
  ['at the crossing', 288],
  ['a third past it', 384],
] as const
const HOLDS = [4, 7, 12, 25]

/** Percent of windows that fail a check. */
function failing(
  check: CheckId,
  loop: Omit<ClosedLoop, keyof typeof BASE> & Partial<ClosedLoop>,
  stoppedS = 0,
): number {
  const random = seeded(41)
  let failed = 0
  for (let run = 0; run < runs; run += 1) {
    const atS = random() * (loop.holdS - stoppedS)
    const stopped = stoppedS === 0 ? {} : { stopped: { atS, forS: stoppedS } }
    const stage = closedLoopStage({ ...BASE, ...loop, ...stopped }, random, 'probe')
    const { reasons } = judge(stage, { mode: 'pooled' })
    if (reasons.some((reason) => reason.check === check)) failed += 1
  }
  return (100 * failed) / runs
}

const percent = (value: number) => value.toFixed(1)
const each = (row: (users: number, holdS: number) => number[]) =>
  LOADS.flatMap(([where, users]) =>
    HOLDS.map((holdS) => [where, String(users), String(holdS), ...row(users, holdS).map(percent)]),
  )

const HEADS = ['load', 'users', 'window, s', 'false alarm']
const law = each((users, holdS) =>
  [0, 0.015, 0.02, 0.03].map((lost) => failing('littles-law', { users, holdS, lost })),
)
const drifts = each((users, holdS) =>
  [1, 1.1, 1.2].map((slows) => failing('drift', { users, holdS, slows })),
)
const flows = each((users, holdS) =>
  [1, 1.1, 1.2].map((slows) => failing('flow-balance', { users, holdS, slows })),
)
const stalls = each((users, holdS) =>
  [0, 0.5, 0.8, 1.2, 2].map((stoppedS) => failing('stall', { users, holdS }, stoppedS)),
)
/** Other users than the runner's own: users, think time, its spread, window, service time. */
const OTHERS = [
  [40, 5000, 0.5, 15, BASE.serviceMs],
  [100, 5000, 0.5, 7, BASE.serviceMs],
  [100, 10_000, 0.5, 12, BASE.serviceMs],
  [300, 10_000, 0.5, 5, BASE.serviceMs],
  [40, 3000, 2 / 3, 12, BASE.serviceMs],
  [20, 2000, 0.5, 12, BASE.serviceMs],
  [20, 1000, 1, 7, BASE.serviceMs],
  [1, 0, 0, 12, 100],
] as const
const others = OTHERS.map(([users, thinkMs, thinkSpread, holdS, serviceMs]) => {
  const warmUpS = Math.max(BASE.warmUpS, (2 * thinkMs) / 1000)
  const loop = { users, thinkMs, thinkSpread, holdS, serviceMs, warmUpS }
  const [least, most] = [1 - thinkSpread, 1 + thinkSpread].map((of) => (of * thinkMs) / 1000)
  return [
    `${least} to ${most}`,
    serviceMs.toFixed(1),
    String(users),
    String(holdS),
    ...[0, 1.2, 2].map((stoppedS) => percent(failing('stall', loop, stoppedS))),
  ]
})
await writeFile(
  new URL('../docs/method/check-power.md', import.meta.url),
  `# Power of the checks\n\nHow often do the checks fail a sound stage, and find an unsound one?

Written by \`npm run check:power\`: ${runs} simulated windows a figure, percent. The service is one queue of
480 requests/s with exponential service times, before it a closed loop like the runner's. The other checks
compare a count or a clock with its bound: chance has no part in them.

## Little's law, at ${100 * BOUNDS['littles-law'].ofUsers} %

What the edges of the window cut is counted, so chance has no part in the law itself. Found: windows in which
each response is lost with this probability.

${markdownTable([...HEADS, '1.5 % lost', '2 % lost', '3 % lost'], law)}

## Drift, at ${100 * BOUNDS.drift.ratio} % beyond noise

Found: windows in whose middle the service slows by so much. At the crossing 10 % slower takes the response
time from 100 to about 160 ms, 20 % to about 220 ms.

${markdownTable([...HEADS, '10 % slower', '20 % slower'], drifts)}

## Flow balance, at ${100 * BOUNDS['flow-balance'].ofSent} % beyond chance

Found: the same windows, whose queue grows from their middle on. A closed loop soon holds a queue, so this check
finds what starts with one that is far from its place.

${markdownTable([...HEADS, '10 % slower', '20 % slower'], flows)}

## Stall, at ${BOUNDS.stall.s} to ${BOUNDS.stall.mostS} s of each user's time

Found: windows somewhere in which the service stands still for so long. In a window of more than ${(BOUNDS.stall.s / BOUNDS.stall.ofWindow).toFixed(0)} s what
takes less than ${100 * BOUNDS.stall.ofWindow} % of it is part of what the service does.

${markdownTable([...HEADS, '0.5 s still', '0.8 s', '1.2 s', '2 s'], stalls)}

The same for users who think longer, or more unevenly, or not at all. Chance explains more of what they send in two
seconds: past ${BOUNDS.stall.untoldS} s of it the check is listed as one that was not made.

${markdownTable(['think, s', 'service, ms', ...HEADS.slice(1), '1.2 s still', '2 s'], others)}

A stage that fails one of these checks is measured once more, so a false alarm costs a stage and no figure.
`,
)
