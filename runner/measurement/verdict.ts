import { Type, type Static } from 'typebox'
import { nameOf } from './text.ts'

const maybe = <T extends Type.TSchema>(schema: T, description?: string) =>
  Type.Union([schema, Type.Null()], description === undefined ? {} : { description })

/** A 95 % interval from three trials of this run or more; an end that is null is open. */
export const Interval = Type.Object({
  low: maybe(
    Type.Number(),
    'Lower end; null where it is open: some trials lie below all that was measured.',
  ),
  high: maybe(
    Type.Number(),
    'Upper end; null where it is open: some trials lie above all that was measured.',
  ),
})
export type Interval = Static<typeof Interval>

/** The number of users at which the response time of an arm reaches the threshold. */
export const Crossing = Type.Object({
  arm: nameOf('Name of the arm.'),
  state: Type.Union(
    [
      Type.Literal('crossed'),
      Type.Literal('between'),
      Type.Literal('not-reached'),
      Type.Literal('crossed-below'),
      Type.Literal('limited-by-runner'),
      Type.Literal('no-valid-stage'),
    ],
    {
      description:
        'crossed: estimated; between: only known to lie in a wide bracket, so in no ratio; else why not.',
    },
  ),
  trials: Type.Integer({ minimum: 0, description: 'Trials that the estimate rests on.' }),
  converged: Type.Optional(
    Type.Boolean({
      description:
        'Did the fit of the curve settle on one? false: another fit of the same stages may differ by a percent or two. ' +
        'Absent without a curve.',
    }),
  ),
  provisional: Type.Boolean({
    description: 'Fewer than three trials: no interval, and no verdict rests on it.',
  }),
  users: maybe(
    Type.Number({ description: 'Geometric mean over the trials of their numbers of users.' }),
  ),
  bracket: maybe(
    Type.Object({
      low: Type.Number({ description: 'Most users seen below the threshold.' }),
      high: Type.Number({ description: 'Fewest users seen at or above it.' }),
    }),
    'The users between which it was seen in all trials: spacing of probes, no interval.',
  ),
  interval: maybe(
    Interval,
    '95 % confidence interval of the mean over runs like this one; null if it has none.',
  ),
  prediction: maybe(
    Interval,
    '95 % prediction interval: where the crossing of another such run would fall.',
  ),
  ceilingPerS: maybe(
    Type.Number({
      description:
        'Most requests per second: past the crossing, of the fitted curve; where it did not cross, the most seen.',
    }),
  ),
  ceilingInterval: maybe(Interval, '95 % confidence interval of the ceiling; null if none.'),
  text: Type.String({ description: 'The answer in one sentence.' }),
})
export type Crossing = Static<typeof Crossing>

/** A conclusion holds or does not on any hosts; a figure is of the study's own arms. */
export const ClaimKind = Type.Union([Type.Literal('conclusion'), Type.Literal('figure')])
export type ClaimKind = Static<typeof ClaimKind>

/** One statement of a study, judged. */
export const Claim = Type.Object({
  id: Type.String({ description: 'Short name of the claim.' }),
  kind: Type.Optional(
    Type.Union([Type.Literal('conclusion'), Type.Literal('figure')], {
      description:
        'conclusion: judged on any arms that play its parts; figure: on the arms of the study alone. Absent in ' +
        'older runs.',
    }),
  ),
  statement: Type.String({ description: 'What the study says.' }),
  article: Type.String({ description: 'Its figure.' }),
  ours: Type.String({ description: 'Our figures, each with its interval.' }),
  predicate: Type.String({ description: 'What must hold for the claim to be reproduced.' }),
  verdict: Type.Union(
    [Type.Literal('reproduced'), Type.Literal('not reproduced'), Type.Literal('inconclusive')],
    { description: 'What the run says of it.' },
  ),
  provisional: Type.Boolean({
    description: 'Fewer trials than the claim needs: the verdict is inconclusive for that alone.',
  }),
  reason: Type.String({ description: 'Why.' }),
})
export type Claim = Static<typeof Claim>

/** The figures that a claim quotes; run.json has them under the name of the first study that was judged. */
export const quoting = (quoted: string): Pick<Claim, 'article'> => ({ article: quoted })
export const quotedIn = ({ article }: Claim): string => article
