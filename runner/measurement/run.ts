import { Type, type Static } from 'typebox'
import { Environment } from './environment.ts'
import { Mode, Trial } from './trial.ts'
import { Claim, Crossing } from './verdict.ts'

/** Raised when a reader of the version before could misread a file. */
export const RUN_VERSION = 1

/** What was asked for: with the seed, enough to do the run again. */
export const Configuration = Type.Object({
  profile: Type.String(),
  arms: Type.Array(
    Type.Object({ name: Type.String(), mode: Type.Union([Mode, Type.Null()]) }),
  ),
  users: Type.Array(Type.Integer({ minimum: 1 })),
  thinkMs: Type.Object({ min: Type.Number(), max: Type.Number() }),
  warmUpS: Type.Number(),
  holdS: Type.Number(),
  timeoutMs: Type.Number(),
  trials: Type.Integer({ minimum: 1 }),
  seed: Type.Integer(),
  thresholdMs: Type.Number(),
  thresholdOn: Type.Union([Type.Literal('mean'), Type.Literal('p95')]),
  search: Type.Boolean(),
})
export type Configuration = Static<typeof Configuration>

/** run.json. */
export const Run = Type.Object({
  version: Type.Literal(RUN_VERSION),
  startedAt: Type.String(),
  finishedAt: Type.Union([Type.String(), Type.Null()]),
  state: Type.Union([Type.Literal('complete'), Type.Literal('partial')]),
  configuration: Configuration,
  environment: Environment,
  warnings: Type.Array(Type.String()),
  trials: Type.Array(Trial),
  crossings: Type.Array(Crossing),
  claims: Type.Array(Claim),
})
export type Run = Static<typeof Run>
