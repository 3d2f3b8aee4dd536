import { type Static, Type } from 'typebox'
import { dayOf, nameOf } from './text.ts'
import { Mode } from './trial.ts'
import { ClaimKind } from './verdict.ts'

/** What a claim may be judged by: the estimators are in the layer `analysis`. */
export const FigureName = Type.Union([
  Type.Literal('crossings'),
  Type.Literal('ceilings'),
  Type.Literal('database-work'),
  Type.Literal('throughput-growth'),
  Type.Literal('response-growth'),
  Type.Literal('connection-over-framework'),
])
export type FigureName = Static<typeof FigureName>

/** A number, or a quotient such as `50/30`, so that it is read as it was derived. */
const End = Type.Optional(
  Type.Union([Type.Number(), Type.String({ pattern: '^\\d+(\\.\\d+)?/[1-9]\\d*$' })]),
)

/** Where a figure must lie for the claim to be reproduced. An end that is absent is open. */
export const Band = Type.Object(
  {
    figure: FigureName,
    low: End,
    high: End,
    derived: Type.String({ description: 'How it follows from what is quoted.' }),
    below: Type.Optional(Type.String({ description: 'What a figure below means.' })),
    above: Type.Optional(Type.String({ description: 'What a figure above means.' })),
  },
  { additionalProperties: false },
)
export type Band = Static<typeof Band>

const WORDS = {
  id: nameOf('Short name.'),
  statement: Type.String(),
  quoted: Type.String({ description: 'The figures in the words of the source.' }),
}

/** A claim as it was registered, before the runs that it judges. */
const RegisteredClaim = Type.Object(
  {
    ...WORDS,
    kind: ClaimKind,
    arms: Type.Union([Type.Literal('any'), Type.Literal('own')], {
      description: 'any: whichever arms play the two parts; own: the arms of the study alone.',
    }),
    over: Mode,
    under: Mode,
    beside: Type.Optional(Mode),
    bands: Type.Array(Band, { minItems: 1 }),
  },
  { additionalProperties: false },
)
export type RegisteredClaim = Static<typeof RegisteredClaim>

/** claims.yaml of a study. */
export const Claims = Type.Object(
  {
    registeredOn: dayOf('When bands and estimators were fixed.'),
    amended: Type.Optional(Type.String({ description: 'What was changed in them since.' })),
    threshold: Type.Object({
      ms: Type.Number({ exclusiveMinimum: 0 }),
      on: Type.Union([Type.Literal('mean'), Type.Literal('p95')]),
    }),
    claims: Type.Array(RegisteredClaim),
    noEvidence: Type.Array(
      Type.Object({ ...WORDS, reason: Type.String() }, { additionalProperties: false }),
    ),
    replaced: Type.Array(
      Type.Object(
        {
          ...WORDS,
          registeredOn: dayOf('When it was registered.'),
          by: Type.Array(nameOf('Claims that stand for it now.')),
          reason: Type.String(),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

const users = () => Type.Integer({ minimum: 1 })

/** A number as it was read, or between which two it lies. */
const Reading = Type.Union([
  Type.Number(),
  Type.Object({ low: Type.Number(), high: Type.Number() }, { additionalProperties: false }),
])
export type Reading = Static<typeof Reading>

const Step = Type.Object(
  {
    users: users(),
    unsteady: Type.Optional(
      Type.String({ description: 'Why no step that is held stands beside it.' }),
    ),
    perS: Type.Optional(Reading),
    perSOf5S: Type.Optional(Type.Array(Type.Number())),
    p95Ms: Type.Optional(Reading),
    runningMs: Type.Optional(Reading),
    ownMs: Type.Optional(Reading),
  },
  { additionalProperties: false },
)
/** A point of the study's charts: requests/s, p95, the mean since the start, and the step's own mean, derived. */
export type Step = Static<typeof Step>

const Charts = Type.Object(
  {
    source: Type.String(),
    error: Type.Object({ perS: Type.Number(), ms: Type.Number() }, { additionalProperties: false }),
    thinkMs: Type.Number({ exclusiveMinimum: 0 }),
    arms: Type.Array(
      Type.Object({ role: Mode, steps: Type.Array(Step) }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
)

/** The kinds of figures that a step of a chart has. */
export const STEP_FIGURES = ['perS', 'p95', 'own', 'running'] as const
export type StepFigure = (typeof STEP_FIGURES)[number]

/** How a figure of the study is read in a run: of the fitted curve, of the running means, or at a step of the ramp. */
const Measure = Type.Union([
  Type.Object({ figure: Type.Literal('crossing'), value: Reading }),
  Type.Object({ figure: Type.Literal('running-crossing') }),
  Type.Object({
    figure: Type.Literal('share'),
    part: Type.Union([Type.Literal('app'), Type.Literal('db')]),
    users: users(),
    value: Reading,
  }),
])

const Predicted = Type.Intersect([
  Type.Object({
    role: Mode,
    what: Type.String(),
    quoted: Type.String(),
    sense: Type.Union([Type.Literal('equal'), Type.Literal('at-most')]),
    unit: Type.Union([Type.Literal('users'), Type.Literal('%')]),
  }),
  Measure,
])
/** A figure that hosts as fast as the study's should show again. */
export type Predicted = Static<typeof Predicted>

const Compared = Type.Object(
  {
    what: Type.String(),
    role: Mode,
    quoted: Type.String(),
    figure: Type.Union([
      Type.Literal('crossing'),
      Type.Literal('ceiling'),
      Type.Literal('app-cpu'),
      Type.Literal('db-cpu'),
    ]),
  },
  { additionalProperties: false },
)
/** A figure that depends on the host: shown beside ours on any other, without a verdict. */
export type Compared = Static<typeof Compared>

/** figures.yaml of a study. */
export const Figures = Type.Object(
  {
    charts: Charts,
    bounds: Type.Object(
      Object.fromEntries(STEP_FIGURES.map((figure) => [figure, Type.Number()])) as Record<
        StepFigure,
        Type.TNumber
      >,
      { additionalProperties: false },
    ),
    predictions: Type.Array(Predicted),
    compared: Type.Array(Compared),
  },
  { additionalProperties: false },
)

const Span = Type.Object({ min: Type.Number({ minimum: 0 }), max: Type.Number({ minimum: 0 }) })
const ms = () => Type.Number({ minimum: 0 })

/** What a profile decides; each may be overridden on the command line. */
export const Profile = Type.Object(
  {
    users: Type.Array(users(), { minItems: 1 }),
    stepsPerTrial: Type.Optional(users()),
    scaled: Type.Boolean({
      description: 'Does a pilot turn the steps into as many users as load this machine alike?',
    }),
    thinkMs: Span,
    startMs: ms(),
    warmUpMs: ms(),
    warmUpMostMs: ms(),
    holdMs: ms(),
    holdMostMs: ms(),
    search: Type.Boolean(),
    signIn: Type.Optional(Type.Boolean({ description: 'Does each new user sign in first?' })),
    nearStages: users(),
    maxProbes: users(),
    trials: users(),
  },
  { additionalProperties: false },
)

export type Profile = Static<typeof Profile>

/** study.yaml: what the experiment is called, what it ran on, and which arms are its own. */
export const StudyFacts = Type.Object(
  {
    id: nameOf('Its word in --hosts, and in run.json.'),
    name: Type.String({ description: 'As a sentence names it, such as: the experiment.' }),
    sources: Type.Array(
      Type.Object(
        {
          title: Type.String(),
          url: Type.String(),
          date: Type.Optional(dayOf('Published.')),
          commit: Type.Optional(Type.String({ description: 'Of a repository.' })),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
    arms: Type.Object({ pooled: nameOf(''), persistent: nameOf(''), 'per-request': nameOf('') }),
    ownCommand: Type.String({ description: 'Measures its own arms, for its figures.' }),
    hosts: Type.Object(
      {
        note: Type.String({ description: 'Why its figures are not judged on other hosts.' }),
        appVcpus: Type.Number({ exclusiveMinimum: 0 }),
        dbVcpus: Type.Number({ exclusiveMinimum: 0 }),
        arm: nameOf('Whose ceiling is fitted.'),
        armText: Type.String({ description: 'The same as sentences name it.' }),
        ceilingPerS: Type.Number({ exclusiveMinimum: 0 }),
      },
      { additionalProperties: false },
    ),
    ramp: Type.Object(
      {
        users: Type.Array(users(), { minItems: 1 }),
        crossing: users(),
        chartMostMs: Type.Number({ exclusiveMinimum: 0 }),
      },
      { additionalProperties: false },
    ),
    profiles: Type.Record(Type.String(), Profile),
  },
  { additionalProperties: false },
)

/** One published experiment: all that the instrument is told of it. */
export type Study = Readonly<Static<typeof StudyFacts>> &
  Readonly<{
    registration: Omit<Static<typeof Claims>, 'claims'>
    claims: readonly RegisteredClaim[]
    figures: Readonly<Static<typeof Figures>>
  }>
export type StudyHosts = Study['hosts']

/** A run, or a part of one, with the study that it is held against: null or absent, and nothing is claimed. */
export type Studied<T> = T & Readonly<{ study?: Study | null }>
