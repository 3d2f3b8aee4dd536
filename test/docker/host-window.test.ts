import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { skipWithoutEngine } from './engine.ts'
import { BUILD, docker } from './kit.ts'

const PROJECT = `samehost-host-window-${process.pid}`
const NEIGHBOUR = `neighbour-${process.pid}`
const ARM = `${PROJECT}-pooled-1`
const DATABASE = `${PROJECT}-db-1`

/** The window as someone starts it on a host, beside containers that it was not started for. */
void suite(
  'the window on a host, for a runner elsewhere',
  { skip: await skipWithoutEngine() },
  () => {
    let folder: string
    let url: string
    let door: string
    /** What the services of the project know the users' tokens by. */
    let env: { TOKEN_SECRET: string }
    const compose = (...args: string[]) =>
      docker(['compose', ...args], {
        COMPOSE_PROJECT_NAME: PROJECT,
        ARMS: 'pooled',
        COMPOSE_PROFILES: 'pooled',
        SAMEHOST_PORT: '0',
      })
    const windowCompose = (...args: string[]) =>
      docker(['compose', '-f', 'window.yaml', ...args], {
        COMPOSE_PROJECT_NAME: `${PROJECT}-window`,
        CONTAINERS: `${ARM} ${DATABASE}`,
        WINDOW_PORT: '0',
      })
    const must = async (running: ReturnType<typeof docker>): Promise<string> => {
      const { code, stdout, stderr } = await running
      assert.equal(code, 0, stderr)
      return stdout.trim()
    }
    const get = (path: string, init: RequestInit = {}) => fetch(url + path, init)

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'host-window-'))
      await must(compose('up', '-d', ...BUILD, '--wait', 'nginx', 'pooled', 'db'))
      // The runner does not reach this database: it is made here, as for another instrument.
      await must(compose('run', '--rm', ...BUILD, 'seed'))
      door = `http://${await must(compose('port', 'nginx', '8080'))}`
      const secret = ['exec', '-T', 'db', 'cat', '/run/samehost/token']
      env = { TOKEN_SECRET: await must(compose(...secret)) }
      const neighbour = ['run', '-d', `--name=${NEIGHBOUR}`, '--env=SECRET=canary', 'nginx:1.27.0']
      await must(docker(neighbour))
      await must(windowCompose('up', '-d', ...BUILD, '--wait'))
      url = `http://${await must(windowCompose('port', 'window', '9323'))}`
    })
    after(async () => {
      await windowCompose('down', '-v')
      await docker(['rm', '-f', NEIGHBOUR])
      await compose('down', '-v')
      await rm(folder, { recursive: true, force: true })
    })

    test('it shows what it was started for, and its host', async () => {
      const names = ((await (await get('/containers')).json()) as { name: string }[]).map(
        ({ name }) => name,
      )
      assert.deepEqual(names.toSorted(), [DATABASE, ARM].toSorted())
      const host = (await (await get('/host')).json()) as Record<string, unknown>
      assert.ok(Number(host['cores']) >= 1 && Number(host['memoryMb']) > 100, JSON.stringify(host))
      assert.ok(Math.abs(Number(host['nowMs']) - Date.now()) < 60_000)
    })

    test('nothing else: no other container, no other way, no other verb', async () => {
      const refused: [string, RequestInit?][] = [
        [`/containers/${NEIGHBOUR}`],
        [`/containers/${NEIGHBOUR}/json`],
        [`/containers/${ARM}%2f..%2f${NEIGHBOUR}`],
        [`/containers/${ARM}?x=1`],
        [`/containers/${ARM.slice(0, -1)}`],
        ['/containers/json?all=1'],
        ['/engine/info'],
        // Of a stack alone: here the window asks nobody, and works for nobody.
        ['/work'],
        ['/to/127.0.0.1'],
        ['/info'],
        [`/containers/${ARM}`, { method: 'DELETE' }],
        [`/containers/${ARM}/restart`, { method: 'POST' }],
        [
          `/containers/${ARM}/update`,
          { method: 'POST', body: '{"CpuPeriod":10000,"CpuQuota":5000}' },
        ],
      ]
      for (const [path, init] of refused) {
        const response = await get(path, init)
        assert.ok([403, 404, 405].includes(response.status), `${path} answered ${response.status}`)
        assert.doesNotMatch(await response.text(), /"Id"|canary/, path)
      }
      const shown = await (await get(`/containers/${DATABASE}`)).text()
      assert.doesNotMatch(shown, /POSTGRES|"Env"|"Mounts"|"Args"/)
    })

    test('a run against targets has CPU, memory, limits and round trips of their hosts', async () => {
      const out = join(folder, 'run')
      const options = ['--profile', 'smoke', '--users', '40', '--out', out]
      const target = ['--target', `mine=${door}/pooled`]
      const stats = ['--stats', `mine=${url}/${ARM}`, '--stats', `db=${url}/${DATABASE}`]
      assert.equal(await runCli([...options, ...target, ...stats], env), 0)
      const { environment, configuration, trials } = await readRun(out)
      assert.deepEqual(
        environment.parts.map(({ part, host, cpuLimitCores }) => [part, host, cpuLimitCores]),
        [
          ['app', '127.0.0.1', 1],
          ['db', '127.0.0.1', 2],
        ],
      )
      assert.deepEqual(
        environment.hosts?.map(({ name }) => name),
        ['127.0.0.1'],
      )
      assert.equal(configuration.stats?.length, 2)
      const [trial] = trials
      const [distance] = trial?.roundTrips ?? []
      assert.ok((distance?.beforeMs ?? 0) > 0 && (distance?.afterMs ?? 0) > 0)
      const [stage] = trial?.stages ?? []
      assert.ok((stage?.cpu.app?.cores ?? 0) > 0 && (stage?.memory.db?.limitMb ?? 0) > 1000)
      assert.equal(typeof stage?.cpu.app?.throttledRatio, 'number')
    })

    test('a window that does not answer, or does not show the container, is named with its remedy', async () => {
      const run = (...stats: string[]) =>
        runCli(
          [
            '--profile',
            'smoke',
            '--target',
            `mine=${door}/pooled`,
            '--out',
            join(folder, `none-${stats[1]?.slice(0, 2)}`),
            ...stats,
          ],
          env,
        )
      await assert.rejects(
        run('--stats', 'db=http://127.0.0.1:1/db'),
        /--stats db: the window at http:\/\/127\.0\.0\.1:1 does not answer.*window\.yaml up -d/,
      )
      await assert.rejects(
        run('--stats', `mine=${url}/${NEIGHBOUR}`),
        new RegExp(`--stats mine: .* shows no container ${NEIGHBOUR} .*CONTAINERS=${NEIGHBOUR}`),
      )
    })
  },
)
