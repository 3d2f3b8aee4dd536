import { seeded, type Random } from '../random.ts'
import { nextStep } from '../search.ts'
import { RUN_VERSION, type Run } from '../../measurement/run.ts'
import type { Stage } from '../../measurement/stage.ts'
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
const HOLD_S = 25
const STARTED_AT = Date.UTC(2026, 0, 2, 3, 0, 0)

const at = (order: number) => new Date(STARTED_AT + order * 600_000).toISOString()

interface MadeUp {
  readonly seed?: number
  readonly trials?: number
  readonly models?: Readonly<Record<string, Model>>
  readonly search?: boolean
}

/** MADE UP: no measurement. A run of three arms that the tests of the reports are shown. */
export function madeUpRun(asked: MadeUp = {}): Run {
  const { seed = 1, trials = 1, models = MADE_UP_MODELS, search = true } = asked
  const random = seeded(seed)
  const arms = Object.keys(models)
  const order = Array.from({ length: trials }, (_, index) =>
    (index % 2 === 0 ? arms : arms.toReversed()).map((arm) => ({ arm, index })),
  ).flat()
  const configuration = {
    profile: 'standard',
    arms: arms.map((name) => ({ name, mode: models[name]?.mode ?? null })),
    users: RAMP,
    thinkMs: { min: 500, max: 500 },
    warmUpS: 5,
    holdS: HOLD_S,
    timeoutMs: 10_000,
    trials,
    seed,
    thresholdMs: 100,
    thresholdOn: 'mean' as const,
    search,
  }
  return {
    version: RUN_VERSION,
    startedAt: at(0),
    finishedAt: at(order.length),
    state: 'complete',
    configuration,
    environment: MADE_UP_ENVIRONMENT,
    warnings: [],
    trials: order.flatMap(({ arm, index }, position) => {
      const model = models[arm]
      const trial = { arm, index, order: position, startedAt: at(position) }
      return model ? [madeUpTrial(trial, model, search, random)] : []
    }),
    crossings: [],
    claims: [],
  }
}

type Begun = Pick<Trial, 'arm' | 'index' | 'order' | 'startedAt'>

function madeUpTrial(begun: Begun, model: Model, search: boolean, random: Random): Trial {
  const stages: Stage[] = []
  const hold = (kind: Stage['kind'], users: number) => {
    const opened = new Date(Date.parse(begun.startedAt) + stages.length * 30_000).toISOString()
    stages.push(madeUpStage(model, { kind, users, holdS: HOLD_S, startedAt: opened }, random))
  }
  for (const users of RAMP) hold('ramp', users)
  for (;;) {
    const step = nextStep(stages, { thresholdMs: 100, thresholdOn: 'mean' })
    if (!search || 'done' in step) break
    hold('probe', step.probe)
  }
  const stored = stages.reduce((sum, stage) => sum + stage.endpoints['place-order'].requests, 0)
  const audit = {
    acknowledged: stored,
    inDoubt: 0,
    stored,
    quantity: stored,
    sold: stored,
    oversold: 0,
  }
  return {
    ...begun,
    state: 'complete',
    version: 'node 24 (made up)',
    contractFailures: [],
    host: { busyRatio: 0.01, yardstickBeforeMs: 5, yardstickAfterMs: 5.1 },
    stages,
    audit: { ...audit, passed: true },
  }
}
