import { Type, type Static } from 'typebox'

/** A 95 % confidence interval. `within-run`: from one trial; `between-trials`: from several. */
export const Interval = Type.Object({
  low: Type.Number({ description: 'Lower end.' }),
  high: Type.Number({ description: 'Upper end.' }),
  kind: Type.Union([Type.Literal('within-run'), Type.Literal('between-trials')], {
    description: 'within-run: from one trial; between-trials: from several.',
  }),
})
export type Interval = Static<typeof Interval>

const maybe = <T extends Type.TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description })

/** The number of users at which the response time of an arm reaches the threshold. */
export const Crossing = Type.Object({
  arm: Type.String({ description: 'Name of the arm.' }),
  state: Type.Union(
    [
      Type.Literal('crossed'),
      Type.Literal('not-reached'),
      Type.Literal('crossed-below'),
      Type.Literal('limited-by-runner'),
      Type.Literal('no-valid-stage'),
    ],
    { description: 'What the search ended with.' },
  ),
  users: maybe(Type.Number({ description: 'Interpolated number of users.' })),
  bracket: maybe(
    Type.Object({
      low: Type.Number({ description: 'Most users seen below the threshold.' }),
      high: Type.Number({ description: 'Fewest users seen at or above it.' }),
    }),
    'The users between which it lies; null where it was not crossed.',
  ),
  interval: maybe(
    Interval,
    '95 % interval of the crossing; null if it has none, as where probes left its bracket wide.',
  ),
  ceilingPerS: maybe(Type.Number({ description: 'Largest throughput seen, requests per second.' })),
  ceilingInterval: maybe(Interval, '95 % interval of the ceiling; null if it has none.'),
  usl: maybe(
    Type.Object(
      {
        lambdaPerS: Type.Number({ description: 'Throughput of one user in service.' }),
        sigma: Type.Number({ description: 'Contention.' }),
        kappa: Type.Number({ description: 'Coherency.' }),
        r2: Type.Number({ description: 'Share of the variance that the fit explains.' }),
        points: Type.Integer({ description: 'Stages that the fit was made of.' }),
      },
      {
        description:
          'Universal Scalability Law (Gunther) fitted to throughput against the users in service ' +
          '(throughput x response time): with think time the other users are away.',
      },
    ),
  ),
  text: Type.String({ description: 'The answer in one sentence.' }),
})
export type Crossing = Static<typeof Crossing>

/** One statement of the article, judged. */
export const Claim = Type.Object({
  id: Type.String({ description: 'Short name of the claim.' }),
  statement: Type.String({ description: 'What the article says.' }),
  article: Type.String({ description: 'Its figure.' }),
  ours: Type.String({ description: 'Our figure, with its interval.' }),
  predicate: Type.String({ description: 'What must hold for the claim to be reproduced.' }),
  verdict: Type.Union(
    [Type.Literal('reproduced'), Type.Literal('not reproduced'), Type.Literal('inconclusive')],
    { description: 'What the run says of it.' },
  ),
  reason: Type.String({ description: 'Why.' }),
})
export type Claim = Static<typeof Claim>
