import { Type, type Static } from 'typebox'
import { Stage } from './stage.ts'
import { instant, nameOf } from './text.ts'

/** What a mode promises about its connections to the database. */
export const Mode = Type.Union([
  Type.Literal('pooled'),
  Type.Literal('persistent'),
  Type.Literal('per-request'),
])
export type Mode = Static<typeof Mode>

const nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })
const count = (description: string) => Type.Integer({ minimum: 0, description })

/** acknowledged <= stored <= acknowledged + inDoubt; quantities = sold; sold <= stock. */
export const Audit = Type.Object({
  acknowledged: count('Orders answered 201.'),
  inDoubt: count('Orders sent whose answer never came or was an error of the server.'),
  stored: count('Orders that the database holds as placed.'),
  quantity: count('Units of all orders in the database.'),
  sold: count('Units that are counted as sold.'),
  oversold: count('Goods of which more were sold than there were.'),
  passed: Type.Boolean({ description: 'Does all of it hold?' }),
})
export type Audit = Static<typeof Audit>

/** A contract case that an arm answered otherwise than promised. */
export const ContractFailure = Type.Object(
  {
    name: Type.String({ description: 'The case.' }),
    expected: Type.String({ description: 'What the contract promises.' }),
    got: Type.String({ description: 'What was answered.' }),
    remedy: Type.String({ description: 'How to fix it.' }),
  },
  { description: 'A case of the contract.' },
)
export type ContractFailure = Static<typeof ContractFailure>

/** The machine itself at the ends of a trial, while no load is on. */
export const HostState = Type.Object(
  {
    busyRatio: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description:
        "Share of the machine's CPU time in use in the pause before the load; null where unknown.",
    }),
    yardstickBeforeMs: Type.Number({
      exclusiveMinimum: 0,
      description: 'ms of CPU time that a fixed piece of work took before the load.',
    }),
    yardstickAfterMs: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
      description: 'The same after it; null if the trial broke off.',
    }),
  },
  { description: 'The machine at the ends of the trial; absent where it was not read.' },
)
export type HostState = Static<typeof HostState>

/** The hosts of a study are fitted again before each round: a machine is not equally fast all the time. */
export const FittedHosts = Type.Object(
  {
    speed: Type.Number({
      exclusiveMinimum: 0,
      description: 'Cores of this machine for one vCPU of the study, by the last pilots.',
    }),
    appCores: Type.Number({ description: 'CPU limit of the application’s host.' }),
    dbCores: Type.Number({ description: 'CPU limit of the database’s host.' }),
    pilot: Type.Optional(
      Type.Object(
        {
          speed: Type.Number({ exclusiveMinimum: 0, description: 'Of the hosts of the pilot.' }),
          ceilingPerS: Type.Number({
            exclusiveMinimum: 0,
            description: 'Requests per second that the fitted arm served at most.',
          }),
        },
        { description: 'The pilot before this trial.' },
      ),
    ),
    pilotProblem: Type.Optional(
      Type.String({ description: 'Why there is none: the hosts are by earlier pilots.' }),
    ),
  },
  { description: 'The hosts of this trial; absent: those of the configuration.' },
)
export type FittedHosts = Static<typeof FittedHosts>

/** From the runner to another host, while no load is on. */
export const RoundTrip = Type.Object(
  {
    host: Type.String({ description: 'Name of the host.' }),
    from: Type.Optional(
      Type.String({ description: 'Name of the host that asked; absent: that of the runner.' }),
    ),
    beforeMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description:
        'ms. The least of some small requests before the load; null if none was answered.',
    }),
    afterMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description: 'ms. The same after it.',
    }),
  },
  { description: 'Round trips to a host at the ends of the trial.' },
)
export type RoundTrip = Static<typeof RoundTrip>

const textOrNull = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })

/** Who answered, by its own word: read before the first stage and after each. */
export const Identity = Type.Object(
  {
    arm: textOrNull('Name of the arm, by its header X-Samehost-Arm; null if it sends none.'),
    instance: textOrNull(
      'Of one process of the arm, by its header X-Samehost-Instance; null if it sends none.',
    ),
    prepare: Type.Optional(
      Type.Union([Type.Literal('on'), Type.Literal('off')], {
        description:
          'Does it prepare its statements on the server, by its header X-Samehost-Prepare? Absent if it ' +
          'sends none.',
      }),
    ),
    settings: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Z][A-Z0-9_]{0,63}$' }),
        Type.String({ maxLength: 200 }),
        {
          description:
            'What it goes by, under the names of the variables that set it, by its word on /healthz; absent ' +
            'if it says nothing, or was not asked.',
        },
      ),
    ),
    given: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        description: 'Digest of the variables that it was given, by its word on /healthz.',
      }),
    ),
    proofs: count('Times that the same arm and the same instance answered.'),
    heldStages: Type.Optional(
      count(
        'Stages that had been held when it last answered as the same: of a trial that broke off no later ' +
          'one counts, and none where this is absent.',
      ),
    ),
    lateStages: Type.Optional(
      count(
        'Stages before its first proof, where its first answer had no headers and a later one did.',
      ),
    ),
  },
  { description: 'Who answered; absent where it was not read.' },
)
export type Identity = Static<typeof Identity>

/** What a part may use, as it was read. */
export const PartLimits = Type.Object(
  {
    cores: nullable('CPU cores; null without a limit.'),
    periodUs: nullable('us. CFS period of that limit; null without one.'),
    memoryMb: nullable('MB (10^6 bytes); null where unlimited, or where nothing says it.'),
  },
  { description: 'The limits of one part.' },
)
export type PartLimits = Static<typeof PartLimits>

/** Why a trial was aborted. */
const AbortedBy = Type.Union(
  [
    Type.Literal('contract'),
    Type.Literal('identity'),
    Type.Literal('audit'),
    Type.Literal('before-trial'),
    Type.Literal('other'),
  ],
  {
    description:
      'What ended the trial. contract, identity, audit: it is not what it was to be, and none of its stages ' +
      'counts; before-trial: the command before it failed, and it has none; other: those after which it was proved count. Absent unless aborted; of an aborted trial without it no stage counts.',
  },
)
/** What an arm may use, as it is read back once it is set. */
export const Limits = Type.Object(
  {
    cores: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()], {
      description: 'Cores of CPU; null without a limit.',
    }),
    periodUs: Type.Optional(
      Type.Integer({ minimum: 1, description: 'us. CFS period of the CPU limit.' }),
    ),
    memoryBytes: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Bytes of memory; absent where it is not limited.' }),
    ),
    pids: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Processes and threads; absent likewise.' }),
    ),
  },
  { description: 'Limits of the arm, read back before its load; absent where nobody can tell.' },
)
export type Limits = Static<typeof Limits>

/** One arm taken through the ramp on a database created for it. */
export const Trial = Type.Object({
  arm: nameOf('Name of the arm.'),
  index: Type.Integer({ minimum: 0, maximum: 1e6, description: 'Which trial of this arm.' }),
  order: Type.Integer({ minimum: 0, maximum: 1e6, description: 'Position in the run.' }),
  startedAt: instant('RFC 3339 UTC.'),
  state: Type.Union([Type.Literal('complete'), Type.Literal('aborted'), Type.Literal('running')], {
    description: 'complete: all its stages are there.',
  }),
  problem: Type.Optional(Type.String({ description: 'Why the trial was aborted.' })),
  abortedBy: Type.Optional(AbortedBy),
  notes: Type.Optional(
    Type.Array(Type.String(), {
      description: 'What could not be read back or waited for while it ran; absent: nothing.',
    }),
  ),
  version: Type.Union([Type.String(), Type.Null()], {
    description: 'What the service said of itself when it was opened; null if nothing.',
  }),
  armStartedAt: Type.Optional(
    Type.String({
      description: 'RFC 3339. When the arm’s process started, where the runner started it.',
    }),
  ),
  contractFailures: Type.Array(ContractFailure, {
    description: 'Cases of the contract that the arm broke: then it was not measured.',
  }),
  identity: Type.Optional(Identity),
  roundTripMs: Type.Optional(
    Type.Number({
      description:
        'ms. Median round trip of the smallest statement to the database, on the way that the arm goes ' +
        '(proxy, pooler), from the runner, before the load; absent where it cannot be measured.',
    }),
  ),
  warmUpRequests: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'Requests that the fresh process answered at full speed before the first stage, in no figure; ' +
        'absent where none were sent.',
    }),
  ),
  host: Type.Optional(HostState),
  hosts: Type.Optional(FittedHosts),
  limits: Type.Optional(
    Type.Object(
      {
        app: Type.Optional(PartLimits),
        db: Type.Optional(PartLimits),
        nginx: Type.Optional(PartLimits),
      },
      {
        description:
          'Of each part as the load began, where it can be read; each stage is held to them.',
      },
    ),
  ),
  armLimits: Type.Optional(Limits),
  roundTrips: Type.Optional(
    Type.Array(RoundTrip, { description: 'To each other host; absent where there is none.' }),
  ),
  stages: Type.Array(Stage, { description: 'Stages in the order in which they were held.' }),
  audit: Type.Union([Audit, Type.Null()], {
    description: 'null where the database cannot be reached.',
  }),
})
export type Trial = Static<typeof Trial>
