import { GenericContainer, Network, Wait } from 'testcontainers'
import { SHOP } from '../../runner/kit.ts'
import { readScenario } from '../../runner/scenario/scenario.ts'
import { shareSecret } from '../../runner/scenario/secret.ts'
import { testDatabase } from '../../runner/testbed/database.ts'
import { KIT } from '../../test/docker/kit.ts'

/** A contender, and the same framework with the four requests of the journey and nothing more. */
export type Pair = Readonly<{
  name: string
  dockerfile: string
  image: string
  /** `DB_MODE` of the contender; the minimal one connects the same way. */
  mode: string
  minimal: Readonly<{ file: string; command: readonly string[] }>
}>

/** Where the file is mounted: on Python's path, and nowhere near the contender's own. */
const MOUNTED_AT = '/minimal'

export const PAIRS: readonly Pair[] = [
  {
    name: 'fastapi',
    dockerfile: 'services/fastapi/Dockerfile',
    image: 'samehost-fastapi:minimal',
    mode: 'pooled',
    minimal: {
      file: `${KIT}scripts/minimal/shop_fastapi.py`,
      command: ['python', `${MOUNTED_AT}/shop_fastapi.py`],
    },
  },
  {
    name: 'django',
    dockerfile: 'services/django/Dockerfile',
    image: 'samehost-django:minimal',
    mode: 'persistent',
    minimal: {
      file: `${KIT}scripts/minimal/shop_django.py`,
      command: [
        'gunicorn',
        '--config=/dev/null',
        `--chdir=${MOUNTED_AT}`,
        '--bind=0.0.0.0:8080',
        '--workers=1',
        '--worker-class=gthread',
        '--threads=10',
        '--keep-alive=75',
        'shop_django:application',
      ],
    },
  },
]

const PASSWORD = 'of-this-benchmark-alone'

/** A service that runs, and what it has used of the CPU. */
export type Contender = Readonly<{ url: string; cpuS(): Promise<number> }>

export type Both = Readonly<{
  contender: Contender
  minimal: Contender
  [Symbol.asyncDispose](): Promise<void>
}>

/** The pair beside each other on one database, each within an arm's limits. */
export async function startBoth(pair: Pair): Promise<Both> {
  await using started = new AsyncDisposableStack()
  const network = started.use(await new Network().start())
  const postgres = started.use(
    await new GenericContainer('postgres:12.7')
      .withNetwork(network)
      .withNetworkAliases('db')
      .withEnvironment({ POSTGRES_PASSWORD: PASSWORD })
      .withExposedPorts({ container: 5432, host: 0 })
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
      .start(),
  )
  const admin = `postgres://postgres:${PASSWORD}@127.0.0.1:${postgres.getMappedPort(5432)}/postgres`
  const { database, secret } = await readScenario(SHOP)
  shareSecret(secret)
  const tokens = { TOKEN_SECRET: process.env['TOKEN_SECRET'] ?? '' }
  await testDatabase(admin, PASSWORD, database).recreate()
  await GenericContainer.fromDockerfile(KIT, pair.dockerfile).build(pair.image, {
    deleteOnExit: false,
  })

  async function start(container: GenericContainer, path: string): Promise<Contender> {
    const running = started.use(
      await container
        .withNetwork(network)
        .withResourcesQuota({ cpu: 1, memory: 0.5 })
        .withExposedPorts({ container: 8080, host: 0 })
        .withWaitStrategy(Wait.forHttp(path, 8080))
        .start(),
    )
    return {
      url: `http://127.0.0.1:${running.getMappedPort(8080)}`,
      cpuS: async () => {
        const { output } = await running.exec(['sh', '-c', READ_CPU])
        return cpuSecondsOf(output)
      },
    }
  }

  const contender = await start(
    new GenericContainer(pair.image).withEnvironment({
      DB_MODE: pair.mode,
      DB_HOST: 'db',
      DB_USER: 'commerce',
      DB_NAME: 'commerce',
      DB_PASSWORD: PASSWORD,
      PORT: '8080',
      ...tokens,
    }),
    '/readyz',
  )
  const minimal = await start(
    new GenericContainer(pair.image)
      .withEnvironment({
        MINIMAL_URL: `postgres://commerce:${PASSWORD}@db:5432/commerce`,
        ...tokens,
      })
      .withBindMounts([{ source: `${KIT}scripts/minimal`, target: MOUNTED_AT, mode: 'ro' }])
      .withCommand([...pair.minimal.command]),
    '/products/1',
  )
  const held = started.move()
  return { contender, minimal, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

/** Of cgroup v2 (`usage_usec`, in microseconds) or v1 (nanoseconds alone on a line). */
const READ_CPU =
  'cat /sys/fs/cgroup/cpu.stat 2>/dev/null || cat /sys/fs/cgroup/cpuacct/cpuacct.usage'

function cpuSecondsOf(file: string): number {
  const microseconds = /^usage_usec (\d+)$/m.exec(file)?.[1]
  if (microseconds !== undefined) return Number(microseconds) / 1e6
  const nanoseconds = /^(\d+)$/m.exec(file)?.[1]
  if (nanoseconds !== undefined) return Number(nanoseconds) / 1e9
  throw new Error(`neither cgroup v1 nor v2 says what the container used: ${file}`)
}
