import { seeded, type Random } from '../../analysis/random.ts'
import { RUN_VERSION, type Run } from '../../measurement/run.ts'
import type { Trial } from '../../measurement/trial.ts'
import { MADE_UP_ENVIRONMENT } from './made-up-environment.ts'
import { madeUpStage, type Model } from './made-up-stage.ts'

/** Near to what a Node service does on two cores: measurement.md's table, rounded. */
export const MADE_UP_MODELS: Readonly<Record<string, Model>> = {
  pooled: {
    mode: 'pooled',
    ceilingPerS: 1850,
    baseMs: 3,
    appUs: 300,
    dbUs: 235,
    connectionsPerRequest: 0,
  },
  persistent: {
    mode: 'persistent',
    ceilingPerS: 1790,
    baseMs: 3.1,
    appUs: 310,
    dbUs: 240,
    connectionsPerRequest: 0.002,
  },
  'per-request': {
    mode: 'per-request',
    ceilingPerS: 285,
    baseMs: 9,
    appUs: 1950,
    dbUs: 4350,
    connectionsPerRequest: 1,
  },
}

const RAMP = [40, 50, 60, 70, 80]
const PROBES: Readonly<Record<string, readonly number[]>> = {
  pooled: [160, 320, 640, 1280, 960, 1120, 1040],
  persistent: [160, 320, 640, 1280, 960, 1120, 1040],
  'per-request': [160, 320, 240, 200, 180, 168],
}
const HOLD_S = 25
const STARTED_AT = Date.UTC(2026, 0, 2, 3, 0, 0)

const at = (order: number) => new Date(STARTED_AT + order * 600_000).toISOString()

/** MADE UP: no measurement. A run of three arms that the tests of the reports are shown. */
export function madeUpRun({ seed = 1, trials = 1 }: { seed?: number; trials?: number } = {}): Run {
  const random = seeded(seed)
  const arms = Object.keys(MADE_UP_MODELS)
  const order = Array.from({ length: trials }, (_, index) =>
    (index % 2 === 0 ? arms : arms.toReversed()).map((arm) => ({ arm, index })),
  ).flat()
  return {
    version: RUN_VERSION,
    startedAt: at(0),
    finishedAt: at(order.length),
    state: 'complete',
    configuration: {
      profile: 'standard',
      arms: arms.map((name) => ({ name, mode: MADE_UP_MODELS[name]?.mode ?? null })),
      users: RAMP,
      thinkMs: { min: 500, max: 500 },
      warmUpS: 5,
      holdS: HOLD_S,
      timeoutMs: 10_000,
      trials,
      seed,
      thresholdMs: 100,
      thresholdOn: 'mean',
      search: true,
    },
    environment: MADE_UP_ENVIRONMENT,
    warnings: [],
    trials: order.map(({ arm, index }, position) =>
      madeUpTrial(arm, index, position, at(position), random),
    ),
    crossings: [],
    claims: [],
  }
}

function madeUpTrial(
  arm: string,
  index: number,
  order: number,
  startedAt: string,
  random: Random,
): Trial {
  const model = MADE_UP_MODELS[arm]
  if (!model) throw new Error(`no made-up model of ${arm}`)
  const levels = [
    ...RAMP.map((users) => ({ kind: 'ramp' as const, users })),
    ...(PROBES[arm] ?? []).map((users) => ({ kind: 'probe' as const, users })),
  ]
  const stages = levels.map((level, i) => {
    const opened = new Date(Date.parse(startedAt) + i * 30_000).toISOString()
    return madeUpStage(model, { ...level, holdS: HOLD_S, startedAt: opened }, random)
  })
  const stored = stages.reduce((sum, stage) => sum + stage.endpoints['place-order'].requests, 0)
  return {
    arm,
    index,
    order,
    startedAt,
    state: 'complete',
    contractFailures: [],
    stages,
    audit: {
      acknowledged: stored,
      inDoubt: 0,
      stored,
      quantity: stored,
      sold: stored,
      oversold: 0,
      passed: true,
    },
  }
}
