import { Type, type Static } from 'typebox'

const text = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description: `${description} null if unreadable.` })
const number = (description: string) =>
  Type.Union([Type.Number(), Type.Null()], { description: `${description} null if unreadable.` })

/** What really ran in one part, by its own word, never by its tag. */
export const PartEnvironment = Type.Object({
  part: Type.String({
    description: 'app, db, between (a pooler or proxy on the way to it), nginx, runner.',
  }),
  name: Type.String({ description: 'Container or process.' }),
  host: Type.Optional(
    Type.String({ description: 'Name of the host that it is on; absent: that of the runner.' }),
  ),
  version: text('What the software says of itself.'),
  image: text('Image reference.'),
  imageId: text('Image id.'),
  digest: text('Repository digest.'),
  standIn: Type.Boolean({
    description: 'Substitute image: built locally in place of the official one.',
  }),
  cpuLimitCores: number('CPU limit.'),
  memoryLimitMb: number('Memory limit, MB.'),
})
export type PartEnvironment = Static<typeof PartEnvironment>

/** Another host that parts of the run are on. Its clock is compared, and nothing is reckoned by it. */
const HostEnvironment = Type.Object(
  {
    name: Type.String({ description: 'By which parts and round trips name it.' }),
    cpuModel: text('CPU model.'),
    cores: Type.Integer({ minimum: 0, description: 'Logical CPUs.' }),
    memoryMb: number('MB of memory.'),
    kernel: Type.String({ description: 'Release of the kernel.' }),
    virtualMachine: Type.Boolean({ description: 'Does its CPU say that it is virtual?' }),
    clockAheadMs: Type.Number({
      description: "ms. By how much its clock was ahead of the runner's, to half a round trip.",
    }),
    workUs: Type.Optional(
      number(
        'us. A fixed piece of arithmetic in the window of that host, at its fastest: to compare hosts of one ' +
          'run, not with the yardstick of the runner.',
      ),
    ),
  },
  { description: 'A host that parts of the run are on.' },
)
export type HostEnvironment = Static<typeof HostEnvironment>

export const Environment = Type.Object(
  {
    testbed: Type.Union(
      [
        Type.Literal('compose'),
        Type.Literal('embedded'),
        Type.Literal('remote'),
        Type.Literal('swarm'),
      ],
      {
        description: 'Where the arms live.',
      },
    ),
    label: Type.String({ description: 'The testbed in words, such as: no limits, no Nginx.' }),
    host: Type.Object(
      {
        cpuModel: text('CPU model.'),
        cores: Type.Integer({ minimum: 1, description: 'Logical CPUs.' }),
        memoryMb: Type.Number({ description: 'MB of memory.' }),
        platform: Type.String({
          description: 'Operating system and architecture, as Node names them.',
        }),
        kernel: Type.String({ description: 'Release of the kernel.' }),
        cgroupVersion: number('1 or 2.'),
        virtualMachine: text('Hypervisor, or none.'),
        cpuGovernor: text('CPU frequency governor.'),
      },
      { description: 'The machine, as seen from the runner.' },
    ),
    hosts: Type.Optional(
      Type.Array(HostEnvironment, {
        description: 'The hosts of the parts, where these are not all on that of the runner.',
      }),
    ),
    engine: text('Version of the container engine.'),
    compose: text('Version of Docker Compose.'),
    node: Type.String({ description: 'Version of Node that the runner runs on.' }),
    parts: Type.Array(PartEnvironment, { description: 'What really ran, part by part.' }),
    limitCores: number('Sum of the CPU limits of the parts under load.'),
    oversubscribed: Type.Boolean({
      description: 'The limits add up to more cores than there are.',
    }),
    partCores: Type.Optional(
      Type.Integer({
        minimum: 1,
        description:
          'Cores that application and database share, where the runner has others to itself; absent: all.',
      }),
    ),
    quotaCores: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        description:
          'Cores that the runner and all parts have together, where a container or a CI job gives a quota ' +
          'below the machine; absent: all.',
      }),
    ),
    database: Type.Object(
      {
        version: text('server_version.'),
        settings: Type.Record(Type.String(), Type.String(), {
          description: 'Settings of the server that decide what a connection and a commit cost.',
        }),
      },
      { description: 'The database server.' },
    ),
    git: Type.Object(
      {
        commit: text('Commit.'),
        dirty: Type.Union([Type.Boolean(), Type.Null()], {
          description: 'Was the checkout changed? null if unreadable.',
        }),
      },
      { description: 'The checkout of the kit.' },
    ),
    calibration: Type.Union(
      [
        Type.Object({
          at: Type.String({ description: 'RFC 3339 UTC.' }),
          passed: Type.Boolean({ description: 'Did the instrument keep its bounds?' }),
          summary: Type.String({ description: 'The calibration in a line.' }),
        }),
        Type.Null(),
      ],
      { description: 'When the instrument was last calibrated on this machine; null if never.' },
    ),
  },
  { description: 'What the run stands on.' },
)
export type Environment = Static<typeof Environment>
