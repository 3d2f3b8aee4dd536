import { Type, type Static } from 'typebox'
import { Figures, Outcomes, Second } from './figures.ts'
import { instant, nameOf } from './text.ts'

/** The parts whose resources are counted. A part that cannot be observed is absent. */
export const PARTS = ['app', 'db', 'nginx', 'runner'] as const
export type Part = (typeof PARTS)[number]

/** What the kit costs beside the runner: the window on the engine, and whatever else works on this machine. */
export const OTHERS = ['window', 'rest'] as const

const nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })

export const CpuFigures = Type.Object(
  {
    cores: Type.Number({ minimum: 0, description: 'CPU cores used, mean over the window.' }),
    usPerRequest: nullable('CPU microseconds for each request that was sent.'),
    usMayMiss: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          'us for each request by which usPerRequest may be too low, since the clock that it is read from ' +
          'moves in ticks; 0 where it does not. Absent where nothing says it.',
      }),
    ),
    throttledRatio: nullable('Share of CFS periods that were throttled; null where unlimited.'),
  },
  { description: 'CPU of one part.' },
)
export type CpuFigures = Static<typeof CpuFigures>

export const MemoryFigures = Type.Object(
  {
    meanMb: Type.Number({ description: 'MB (10^6 bytes), mean over the window.' }),
    maxMb: Type.Number({ description: 'MB (10^6 bytes), largest sample of the window.' }),
    limitMb: nullable('MB (10^6 bytes); null where unlimited.'),
  },
  { description: 'Memory of one part.' },
)
export type MemoryFigures = Static<typeof MemoryFigures>

/** One failed check of validity, with its figure and its bound. */
export const Reason = Type.Object({
  check: nameOf('Name of the check.'),
  figure: Type.Number({ description: 'What was found.' }),
  bound: Type.Number({ description: 'What is allowed.' }),
  text: Type.String({ description: 'The reason in one sentence.' }),
})
export type Reason = Static<typeof Reason>

/** One of several processes that shared the users of the window. */
const LoaderFigures = Type.Object(
  {
    users: Type.Integer({ minimum: 0, description: 'Its share of the virtual users.' }),
    requests: Type.Integer({ minimum: 0, description: 'Requests that it sent.' }),
    cpuCores: Type.Number({ description: 'CPU cores it used.' }),
    eventLoopDelayP99Ms: Type.Number({ description: 'ms. p99 of its event-loop delay.' }),
    eventLoopDelayIdleP99Ms: Type.Number({ description: 'ms. The same before any load.' }),
    openedAfterMs: Type.Number({
      description: 'ms. By how much its window opened after that of the first.',
    }),
    windowS: Type.Number({ description: 's. Length of its window.' }),
  },
  { description: 'One of the processes that shared the users.' },
)

/** The runner's own state in the window: did the instrument measure itself? */
export const ClientFigures = Type.Object(
  {
    cpuCores: Type.Number({ description: 'CPU cores the runner process used.' }),
    eventLoopDelayP99Ms: Type.Number({ description: 'ms. p99 of the event-loop delay.' }),
    eventLoopDelayIdleP99Ms: Type.Number({ description: 'ms. The same before any load.' }),
    eventLoopDelayMaxMs: Type.Optional(
      Type.Number({
        description: 'ms. The longest event-loop delay; absent where it was not measured.',
      }),
    ),
    thinkP50Ms: nullable('ms. Median observed think time.'),
    thinkMeanMs: nullable('ms. Mean observed think time.'),
    thinkNominalMs: Type.Optional(
      nullable(
        'ms. Mean length that was asked for, of the pauses observed; absent where it was not measured.',
      ),
    ),
    thinkOverdueMs: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          'ms for each pause (a request sent, or one that had not ended with the window) by which those ' +
          'that had not ended were over their time; absent where it was not measured.',
      }),
    ),
    loaders: Type.Optional(
      Type.Array(LoaderFigures, {
        description:
          'Each of the processes that shared the users; cpuCores is then their sum, and the event loop ' +
          'that of the latest. Absent: one process.',
      }),
    ),
  },
  { description: 'The state of the runner itself in the window.' },
)
export type ClientFigures = Static<typeof ClientFigures>

const parts = <T extends Type.TSchema>(schema: T) => ({
  app: Type.Optional(schema),
  db: Type.Optional(schema),
  nginx: Type.Optional(schema),
  runner: Type.Optional(schema),
  window: Type.Optional(schema),
})

export const Stage = Type.Object({
  kind: Type.Union([Type.Literal('ramp'), Type.Literal('probe'), Type.Literal('control')], {
    description:
      'A step of the ramp, a probe of the search for the crossing, or the first step measured again ' +
      'at the end of the trial: it shows what the load left behind, and enters no other figure.',
  }),
  users: Type.Integer({ minimum: 1, maximum: 1e6, description: 'Virtual users.' }),
  thinkMs: Type.Object(
    {
      min: Type.Number({ minimum: 0, description: 'ms. Shortest.' }),
      max: Type.Number({ minimum: 0, description: 'ms. Longest.' }),
    },
    { description: 'ms. Think time, uniform between min and max.' },
  ),
  warmUpS: Type.Number({ minimum: 0, description: 's. Discarded before the window.' }),
  holdS: Type.Number({ exclusiveMinimum: 0, description: 's. Length of the window as measured.' }),
  startedAt: instant('RFC 3339 UTC time at which the window opened.'),
  all: Figures,
  endpoints: Type.Record(nameOf('Name of the endpoint.'), Figures, {
    description: 'The same by endpoint, by its name.',
  }),
  meanWithTimeoutsMs: nullable('ms. Mean latency with each time-out counted at its limit.'),
  waited: Type.Optional(
    Type.Object(
      {
        meanMs: nullable('ms. Mean.'),
        p95Ms: nullable('ms. 95th percentile.'),
      },
      {
        description:
          'What users waited: of all requests, each without a good answer at the time until its failure (a ' +
          'time-out: its limit); of the good answers alone where that is more. The figure that crosses. ' +
          'Absent where it was not measured: then meanWithTimeoutsMs crosses, which counts time-outs alone.',
      },
    ),
  ),
  sinceStart: Type.Optional(
    Type.Object(
      {
        requests: Type.Integer({ minimum: 0, description: 'Requests that had ended by then.' }),
        meanMs: nullable('ms. Their mean duration, of failures the time until then.'),
      },
      {
        description:
          "From the start of the trial's load to the end of this window, warm-ups and all stages before included: " +
          'the running mean that some load tools chart. It enters no other figure. Absent where it was not measured.',
      },
    ),
  ),
  outcomes: Outcomes,
  seconds: Type.Array(Second, { description: 'The window second by second.' }),
  cpu: Type.Object(
    { ...parts(CpuFigures), rest: Type.Optional(CpuFigures) },
    {
      description:
        'CPU of each part that could be observed. window: what reads the engine for the runner. rest: all ' +
        'else on the machine, the engine included.',
    },
  ),
  memory: Type.Object(parts(MemoryFigures), {
    description: 'Memory of each part that could be observed.',
  }),
  restarts: Type.Integer({ minimum: 0, description: 'Restarts of any part in the window.' }),
  oomKills: Type.Integer({ minimum: 0, description: 'Out-of-memory kills in the window.' }),
  stolenRatio: Type.Optional(
    nullable(
      "Share of the machine's CPU time that its own host gave to others (steal); null where unknown.",
    ),
  ),
  ended: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'Requests that ended in the window, whenever sent; absent where they were not counted.',
    }),
  ),
  signIns: Type.Optional(
    Type.Object(
      {
        requests: Type.Integer({ minimum: 0, description: 'How many there were.' }),
        failed: Type.Integer({ minimum: 0, description: 'Those without a good answer.' }),
        meanMs: nullable('ms. Mean of all of them; null of none.'),
      },
      {
        description:
          'Sign-ins of the users who came with this stage, before its warm-up: in no other figure. Absent ' +
          'where users do not sign in.',
      },
    ),
  ),
  connectionsPerRequest: nullable(
    'New database connections for each request, counted by the database; null if it cannot count.',
  ),
  client: ClientFigures,
  littlesLaw: Type.Object(
    {
      expectedUsers: Type.Number({
        description:
          'Requests sent per second, of every outcome, x (their mean duration + think time), + edgeUsers + stuckUsers.',
      }),
      residual: Type.Number({ description: 'expectedUsers / users - 1.' }),
      edgeUsers: Type.Optional(
        Type.Number({
          description:
            "What the window's edges cut off pauses and requests, as users; absent (and not in expectedUsers) where it was not measured.",
        }),
      ),
      stuckUsers: Type.Optional(
        Type.Integer({
          minimum: 0,
          description:
            'Users who waited for one answer from before the window to after it; absent (and not in expectedUsers) where they were not counted.',
        }),
      ),
    },
    { description: 'Do the figures account for the users?' },
  ),
  drift: nullable('Mean of the second half of the window / mean of the first half - 1.'),
  validity: Type.Object(
    {
      valid: Type.Boolean({ description: 'Did the stage pass every check?' }),
      reasons: Type.Array(Reason, { description: 'The checks that it did not pass.' }),
    },
    {
      description:
        'Is this stage a valid measurement? An invalid one is used in no crossing, comparison or claim.',
    },
  ),
})
export type Stage = Static<typeof Stage>
