import { Type, type Static } from 'typebox'
import { bounded } from './bounds.ts'
import { Environment } from './environment.ts'
import { instant, nameOf } from './text.ts'
import { Mode, Trial } from './trial.ts'
import { Claim, Crossing } from './verdict.ts'

/** Raised when a reader of the version before could misread a file. */
export const RUN_VERSION = 2

const nullable = (description: string) => Type.Union([Type.Number(), Type.Null()], { description })

/** The most that an option takes. */
const DAY_MS = 86_400_000

const span = (description: string) =>
  Type.Object(
    {
      min: Type.Number({ minimum: 0, maximum: DAY_MS, description: 'ms. Shortest.' }),
      max: Type.Number({ minimum: 0, maximum: DAY_MS, description: 'ms. Longest.' }),
    },
    { description },
  )

/** What was asked for: with the seed, enough to do the run again. */
export const Configuration = Type.Object(
  {
    profile: nameOf('Name of the profile that the rest began from.'),
    arms: Type.Array(
      Type.Object({
        name: nameOf('Name of the arm.'),
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
      { maxItems: 1_000, description: 'The arms under test.' },
    ),
    targets: Type.Optional(
      Type.Array(
        Type.Object({
          name: nameOf('Name of the arm.'),
          url: Type.String({ description: 'Where it is, without credentials.' }),
        }),
        { description: 'With the remote testbed: the arms as they were named.' },
      ),
    ),
    stats: Type.Optional(
      Type.Array(
        Type.Object({
          name: Type.String({ description: 'Name of a target, db or nginx.' }),
          url: Type.String({ description: 'Of its container in the window of its host.' }),
        }),
        { description: 'With the remote testbed: where CPU, memory and restarts are read.' },
      ),
    ),
    databaseUrl: Type.Optional(
      Type.String({
        description: 'With the remote testbed: the URL of its database, without the password.',
      }),
    ),
    journey: Type.Optional(
      Type.String({ description: 'File of the journey, as it was named; absent: none was.' }),
    ),
    paths: Type.Optional(
      Type.Array(Type.String(), { description: 'What users read, in place of a journey.' }),
    ),
    beforeTrial: Type.Optional(
      Type.String({ description: 'Command before each trial, without secrets; absent: none.' }),
    ),
    scenario: Type.Optional(
      Type.Object(
        {
          name: nameOf('Name of the scenario.'),
          endpoints: Type.Array(nameOf('Name of the endpoint.'), {
            minItems: 1,
            maxItems: 100,
            description: 'What its journey asks for, in the order of its steps.',
          }),
        },
        { description: 'What users do; absent in older runs: the endpoints are in their stages.' },
      ),
    ),
    users: Type.Array(Type.Integer({ minimum: 1, maximum: 1e6 }), {
      maxItems: 1_000,
      description: 'The ramp: virtual users at each step.',
    }),
    stepsPerTrial: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'Steps of the ramp that one trial takes; the trials of an arm take them in turn. Absent: each takes all.',
      }),
    ),
    thinkMs: span('Think time, uniform between the two.'),
    thinkSpread: Type.Optional(
      Type.Number({
        description:
          'Share of a constant think time by which each user’s own may differ from it, so that users ' +
          'do not bunch; absent: not at all.',
      }),
    ),
    signIn: Type.Optional(
      Type.Literal(true, {
        description: 'Each new user signs in first, before the warm-up of its stage; absent: none.',
      }),
    ),
    hosts: Type.Optional(
      Type.Object(
        {
          kind: nameOf(
            'pinned: as compose.yaml has them; fit: nothing competes on this machine; speed: as given; else ' +
              'the id of a study: as fast as its hosts.',
          ),
          speed: Type.Number({ description: 'Cores of this machine for one vCPU of such hosts.' }),
          appCores: Type.Number({ description: 'CPU limit of the application’s host.' }),
          dbCores: Type.Number({ description: 'CPU limit of the database’s host.' }),
          periodUs: Type.Integer({ description: 'us. CFS period of both limits.' }),
          fit: Type.Optional(
            Type.Object(
              {
                from: Type.Union([Type.Literal('arm'), Type.Literal('yardstick')], {
                  description: 'arm: by what the arm serves at most; yardstick: from another fit.',
                }),
                arm: nameOf('The arm that was fitted.'),
                ceilingPerS: nullable('Requests per second that it serves at most on these hosts.'),
                yardstickMs: Type.Number({ description: 'ms. The yardstick at the fit.' }),
                yardstickSpeed: nullable('The speed that the yardstick and the other fit say.'),
                eachTrial: Type.Optional(
                  Type.Boolean({
                    description: 'Are the hosts fitted again before each trial (trials[].hosts)?',
                  }),
                ),
              },
              { description: 'With the hosts of a study: how the speed was found.' },
            ),
          ),
        },
        { description: 'The hosts of application and database; absent: whatever the testbed had.' },
      ),
    ),
    rampFactor: Type.Optional(
      Type.Number({
        description:
          'Users of this machine for one of the ramp of the profile, whose pool is to cross at 49 (until 0.2.0 at 60): each step is ' +
          'that of the profile times this. Absent: the steps are as they were given.',
      }),
    ),
    warmUpS: Type.Number({
      minimum: 0,
      maximum: DAY_MS / 1000,
      description: 's. Discarded at the start of each stage.',
    }),
    holdS: Type.Number({
      minimum: 0,
      maximum: DAY_MS / 1000,
      description: 's. The measured window that was asked for.',
    }),
    warmUpMostS: Type.Optional(
      Type.Number({
        description:
          's. The warm-up grows to this until it is settled, to twice as much after a jump by a busy service; ' +
          'absent: it is fixed.',
      }),
    ),
    holdMostS: Type.Optional(
      Type.Number({
        description: 's. The window grows to this until it is precise; absent: it is fixed.',
      }),
    ),
    timeoutMs: Type.Number({ minimum: 0, maximum: DAY_MS, description: 'ms. Limit of a request.' }),
    trials: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: 'How often each arm takes the ramp.',
    }),
    seed: Type.Integer({ description: 'Seed of the journeys and of the order of trials.' }),
    thresholdMs: Type.Number({
      minimum: 0,
      maximum: DAY_MS,
      description: 'ms. The response time whose crossing is searched.',
    }),
    thresholdOn: Type.Union([Type.Literal('mean'), Type.Literal('p95')], {
      description: 'The statistic that the threshold is compared with.',
    }),
    nearStages: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Stages near the crossing that a trial is to have.',
      }),
    ),
    maxProbes: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Most probes of the search in a trial; absent: 12.',
      }),
    ),
    startS: Type.Optional(
      Type.Number({
        description:
          's. Load on the fresh process before the first stage of a trial, in no figure; absent: none.',
      }),
    ),
    control: Type.Optional(
      Type.Boolean({ description: 'Is the first step measured again at the end of each trial?' }),
    ),
    precision: Type.Optional(
      Type.Number({
        description:
          'Half-width of the main ratio, as a share, at which the run ends; absent: not asked.',
      }),
    ),
    maxUsers: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1e6,
        description: 'Most users that the search tries; absent: 4,000.',
      }),
    ),
    answers: Type.Optional(
      Type.Literal('whole', {
        description:
          'How answers under load are judged: whole, by all that the contract says of their shape; ' +
          'absent: as the scenario expects, in older runs by their status and by the ids in their JSON.',
      }),
    ),
    search: Type.Boolean({ description: 'Were users searched beyond the ramp for the crossing?' }),
    loaders: Type.Optional(
      Type.Integer({
        minimum: 2,
        description: 'Processes of the runner that share the users; absent: one.',
      }),
    ),
  },
  { description: 'What was asked for: with the seed, enough to do the run again.' },
)
export type Configuration = Static<typeof Configuration>

/** run.json. */
export const Run = bounded(
  Type.Object({
    version: Type.Literal(RUN_VERSION, { description: 'Version of this format.' }),
    startedAt: instant('RFC 3339 UTC.'),
    finishedAt: Type.Union([instant('RFC 3339 UTC.'), Type.Null()], {
      description: 'RFC 3339 UTC; null while it runs, or if it was killed.',
    }),
    pausedMs: Type.Optional(
      Type.Number({
        minimum: 0,
        description:
          'ms between startedAt and finishedAt in which nothing of what is kept was measured, where the run was ' +
          'resumed; absent: it was not.',
      }),
    ),
    state: Type.Union([Type.Literal('complete'), Type.Literal('partial')], {
      description: 'Are all trials there that were asked for?',
    }),
    configuration: Configuration,
    environment: Environment,
    warnings: Type.Array(Type.String(), { description: 'What a reader of the figures must know.' }),
    trials: Type.Array(Trial, { description: 'Trials in the order in which they were run.' }),
    crossings: Type.Array(Crossing, { description: 'One for each arm.' }),
    claims: Type.Array(Claim, { description: 'The statements of the study, each judged.' }),
  }),
)
export type Run = Static<typeof Run>

/** The endpoints of a run, in the order of its journey; an older run has them in its stages alone. */
export function endpointsOf({
  configuration,
  trials,
}: Pick<Run, 'configuration' | 'trials'>): readonly string[] {
  const [stage] = trials.flatMap(({ stages }) => stages)
  return configuration.scenario?.endpoints ?? Object.keys(stage?.endpoints ?? {})
}
