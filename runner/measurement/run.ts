import { Type, type Static } from 'typebox'
import { Environment } from './environment.ts'
import { Mode, Trial } from './trial.ts'
import { Claim, Crossing } from './verdict.ts'

/** Raised when a reader of the version before could misread a file. */
export const RUN_VERSION = 1

const span = (description: string) =>
  Type.Object(
    {
      min: Type.Number({ description: 'ms. Shortest.' }),
      max: Type.Number({ description: 'ms. Longest.' }),
    },
    { description },
  )

/** What was asked for: with the seed, enough to do the run again. */
export const Configuration = Type.Object(
  {
    profile: Type.String({ description: 'Name of the profile that the rest began from.' }),
    arms: Type.Array(
      Type.Object({
        name: Type.String({ description: 'Name of the arm.' }),
        mode: Type.Union([Mode, Type.Null()], {
          description: 'What it promises of its connections; null if nothing.',
        }),
        factor: Type.Optional(
          Type.String({
            description: 'What was changed to make it, with its unit; absent: nothing.',
          }),
        ),
        level: Type.Optional(Type.String({ description: 'To what it was changed.' })),
        from: Type.Optional(
          Type.String({ description: 'Name of the arm that it was changed from.' }),
        ),
      }),
      { description: 'The arms under test.' },
    ),
    users: Type.Array(Type.Integer({ minimum: 1 }), {
      description: 'The ramp: virtual users at each step.',
    }),
    thinkMs: span('Think time, uniform between the two.'),
    thinkSpread: Type.Optional(
      Type.Number({
        description:
          'Share of a constant think time by which each user’s own may differ from it, so that users ' +
          'do not bunch; absent: not at all.',
      }),
    ),
    warmUpS: Type.Number({ description: 's. Discarded at the start of each stage.' }),
    holdS: Type.Number({ description: 's. The measured window that was asked for.' }),
    timeoutMs: Type.Number({ description: 'ms. Limit of a request.' }),
    trials: Type.Integer({ minimum: 1, description: 'How often each arm takes the ramp.' }),
    seed: Type.Integer({ description: 'Seed of the journeys and of the order of trials.' }),
    thresholdMs: Type.Number({ description: 'ms. The response time that is looked for.' }),
    thresholdOn: Type.Union([Type.Literal('mean'), Type.Literal('p95')], {
      description: 'The statistic that the threshold is compared with.',
    }),
    search: Type.Boolean({ description: 'Were users searched beyond the ramp for the crossing?' }),
  },
  { description: 'What was asked for: with the seed, enough to do the run again.' },
)
export type Configuration = Static<typeof Configuration>

/** run.json. */
export const Run = Type.Object({
  version: Type.Literal(RUN_VERSION, { description: 'Version of this format.' }),
  startedAt: Type.String({ description: 'RFC 3339 UTC.' }),
  finishedAt: Type.Union([Type.String(), Type.Null()], {
    description: 'RFC 3339 UTC; null while it runs, or if it was killed.',
  }),
  state: Type.Union([Type.Literal('complete'), Type.Literal('partial')], {
    description: 'Are all trials there that were asked for?',
  }),
  configuration: Configuration,
  environment: Environment,
  warnings: Type.Array(Type.String(), { description: 'What a reader of the figures must know.' }),
  trials: Type.Array(Trial, { description: 'Trials in the order in which they were run.' }),
  crossings: Type.Array(Crossing, { description: 'One for each arm.' }),
  claims: Type.Array(Claim, { description: 'The statements of the article, each judged.' }),
})
export type Run = Static<typeof Run>
