import { drift } from '../drift.ts'
import type { Random } from '../random.ts'
import { judge } from '../validity.ts'
import type { Figures, Second } from '../../measurement/figures.ts'
import type { CpuFigures, Stage } from '../../measurement/stage.ts'
import type { Mode } from '../../measurement/trial.ts'

/** A queue with a constant delay in front: enough to make figures up that hang together. */
export interface Model {
  readonly mode: Mode
  readonly ceilingPerS: number
  readonly baseMs: number
  readonly appUs: number
  readonly dbUs: number
  readonly connectionsPerRequest: number
  /** From this many users on only one request in ten is answered. */
  readonly diesAt?: number
}
type Asked = Pick<Stage, 'kind' | 'users' | 'holdS' | 'startedAt'>

const THINK_MS = 500
const SHAPES = {
  'list-products': 0.9,
  'view-product': 0.7,
  'place-order': 1.6,
  'view-order': 0.8,
} as const

/** Exact mean value analysis of one queue and one delay (Reiser and Lavenberg, JACM 27(2), 1980). */
function responseMs(model: Model, users: number): number {
  const demandMs = 1000 / model.ceilingPerS
  let queue = 0
  let response = 0
  for (let n = 1; n <= users; n += 1) {
    response = model.baseMs + demandMs * (1 + queue)
    queue = (n * (response - model.baseMs)) / (response + THINK_MS)
  }
  return response
}

function noise(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())
}

/** MADE UP: no measurement. A stage as the runner would record it of a service that fits `model`. */
export function madeUpStage(model: Model, asked: Asked, random: Random): Stage {
  const level = responseMs(model, asked.users) * Math.exp(0.01 * noise(random))
  const perS = (asked.users * 1000) / (level + THINK_MS)
  const seconds = Array.from({ length: asked.holdS }, (_, atS): Second => {
    const requests = Math.round(perS * (1 + 0.02 * noise(random)))
    return { atS, requests, failed: 0, meanMs: level * Math.exp(0.05 * noise(random)) }
  })
  const sent = seconds.reduce((sum, second) => sum + second.requests, 0)
  const meanMs =
    seconds.reduce((sum, second) => sum + second.requests * (second.meanMs ?? 0), 0) / sent
  const cpu = (usPerRequest: number, limitCores: number): CpuFigures => {
    const used = usPerRequest * Math.exp(0.01 * noise(random))
    const cores = (sent / asked.holdS) * used * 1e-6
    return {
      cores,
      usPerRequest: used,
      throttledRatio: Math.max(0, (cores / limitCores - 0.4) / 2),
    }
  }
  const all = figures(sent, asked.holdS, meanMs)
  const unlinked = {
    ...asked,
    thinkMs: { min: THINK_MS, max: THINK_MS },
    warmUpS: 3,
    all,
    endpoints: {
      'list-products': figures(sent / 4, asked.holdS, meanMs * SHAPES['list-products']),
      'view-product': figures(sent / 4, asked.holdS, meanMs * SHAPES['view-product']),
      'place-order': figures(sent / 4, asked.holdS, meanMs * SHAPES['place-order']),
      'view-order': figures(sent / 4, asked.holdS, meanMs * SHAPES['view-order']),
    },
    meanWithTimeoutsMs: meanMs,
    outcomes: outcomes(sent, model.diesAt !== undefined && asked.users >= model.diesAt),
    seconds,
    cpu: {
      app: cpu(model.appUs, 1),
      db: cpu(model.dbUs, 2),
      nginx: cpu(90, 0.5),
      runner: cpu(120, 1),
    },
    memory: {
      app: memory(90, 512),
      db: memory(140, 1000),
      nginx: memory(12, 128),
      runner: memory(120, null),
    },
    restarts: 0,
    oomKills: 0,
    stolenRatio: 0.004,
    connectionsPerRequest: model.connectionsPerRequest,
    client: {
      cpuCores: (sent / asked.holdS) * 120e-6,
      eventLoopDelayP99Ms: 1.4,
      eventLoopDelayIdleP99Ms: 1.1,
      thinkP50Ms: THINK_MS,
      thinkMeanMs: THINK_MS,
    },
    drift: drift(seconds),
  }
  const expectedUsers = ((sent / asked.holdS) * (meanMs + THINK_MS)) / 1000
  const residual = expectedUsers / asked.users - 1
  const stage = { ...unlinked, littlesLaw: { expectedUsers, residual } }
  return { ...stage, validity: judge(stage, { mode: model.mode }) }
}

function outcomes(sent: number, dead: boolean): Stage['outcomes'] {
  const failed = dead ? Math.round(0.9 * sent) : 0
  return { sent, succeeded: sent - failed, failed, inFlight: 0, journeysAborted: failed }
}

const memory = (meanMb: number, limitMb: number | null) => ({
  meanMb,
  maxMb: meanMb * 1.1,
  limitMb,
})

function figures(requests: number, holdS: number, meanMs: number): Figures {
  return {
    requests: Math.round(requests),
    throughputPerS: requests / holdS,
    meanMs,
    p50Ms: meanMs * 0.82,
    p90Ms: meanMs * 1.7,
    p95Ms: meanMs * 2.2,
    p99Ms: meanMs * 3.6,
    maxMs: meanMs * 9,
    errors: {},
  }
}
