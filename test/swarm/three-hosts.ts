import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Run } from '../../runner/measurement/run.ts'
import { readRun } from '../../runner/results/run-folder.ts'

// `npm run test:swarm`, as root: makes three engines of this machine, and takes minutes.

const KIT = fileURLToPath(new URL('../../', import.meta.url))
const HOSTS = ['load', 'app', 'db'] as const
type Host = (typeof HOSTS)[number]

const run = promisify(execFile)
type Outcome = Readonly<{ code: number; stdout: string; stderr: string }>

async function program(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  try {
    const options = { cwd: KIT, env: { ...process.env, ...env }, maxBuffer: 64e6 }
    const { stdout, stderr } = await run(file, [...args], options)
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<Outcome>
    if (typeof code !== 'number') throw error
    return { code, stdout, stderr }
  }
}

const must = async (running: Promise<Outcome>): Promise<string> => {
  const { code, stdout, stderr } = await running
  assert.equal(code, 0, `${stdout}\n${stderr}`)
  return stdout.trim()
}

const socketOf = (host: Host): string => `unix:///run/samehost-hosts/${host}/run/docker.sock`
const on = (host: Host, ...args: string[]): Promise<Outcome> =>
  program('docker', ['-H', socketOf(host), ...args])
const idOf = (host: Host): Promise<string> =>
  must(on(host, 'info', '--format', '{{ .Swarm.NodeID }}'))

void suite('three hosts', () => {
  let results: string
  const kit = (name: string, env: Readonly<Record<string, string>> = {}, ...args: string[]) =>
    program(join(KIT, 'scripts/three-hosts', name), args, {
      DOCKER_HOST: socketOf('load'),
      SAMEHOST_RESULTS: results,
      ...env,
    })
  const onlyRun = async (): Promise<Run> => {
    const [name = ''] = (await readdir(results)).filter((each) => each !== 'calibration.json')
    return await readRun(join(results, name))
  }

  before(async () => {
    results = await mkdtemp(join(tmpdir(), 'three-hosts-'))
    await must(program(join(KIT, '.ci/swarm/up'), []))
    const hosts = HOSTS.map((host) => `${host}=${socketOf(host)}`)
    const images = join(KIT, 'scripts/three-hosts/images')
    await must(program(images, hosts, { ARMS: 'pooled,per-request' }))
  })
  after(async () => {
    await program(join(KIT, '.ci/swarm/down'), [])
    await rm(results, { recursive: true, force: true })
  })

  test('a node without its label, and a role on two nodes, are named with what to type', async () => {
    const [app, db] = [await idOf('app'), await idOf('db')]
    await must(on('load', 'node', 'update', '--label-rm', 'samehost.role', app))
    const without = await kit('deploy')
    assert.equal(without.code, 1)
    assert.match(
      without.stderr,
      /no node has the role app: docker node update --label-add samehost\.role=app/,
    )

    await must(on('load', 'node', 'update', '--label-add', 'samehost.role=db', app))
    await must(on('load', 'node', 'update', '--label-add', 'samehost.role=app', db))
    await must(on('load', 'node', 'update', '--label-add', 'samehost.role=app', app))
    await must(on('load', 'node', 'update', '--label-add', 'samehost.role=app', db))
    const twice = await kit('deploy')
    assert.match(
      twice.stderr,
      /the role app is on 2 nodes \((app db|db app)\): .*--label-rm samehost\.role/,
    )
    await must(on('load', 'node', 'update', '--label-add', 'samehost.role=db', db))
  })

  test('two arms through the stack: figures of three hosts, each from its own window', async () => {
    await must(kit('deploy'))
    const env = { ARMS: 'pooled,per-request', PROFILE: 'smoke' }
    const taken = await kit('run', env, '--users', '20,40')
    assert.equal(taken.code, 0, `${taken.stdout}\n${taken.stderr}`)
    assert.match(taken.stdout, /DONE: results in results\//)

    const { environment, trials } = await onlyRun()
    assert.equal(environment.testbed, 'swarm')
    assert.deepEqual(environment.hosts?.map(({ name }) => name).toSorted(), ['app', 'db', 'load'])
    for (const { workUs } of environment.hosts ?? []) assert.ok((workUs ?? 0) > 0)
    const places = environment.parts.map(({ part, name, host }) => `${part} ${name} ${host}`)
    assert.deepEqual(places.toSorted(), [
      'app per-request app',
      'app pooled app',
      'db db db',
      'nginx nginx app',
      'runner bench load',
    ])
    assert.equal(trials.length, 2)
    for (const { arm, state, audit, stages, roundTrips = [] } of trials) {
      assert.deepEqual([state, audit?.passed], ['complete', true], arm)
      const ways = roundTrips.map(({ from = 'runner', host }) => `${from} ${host}`)
      assert.deepEqual(ways.toSorted(), ['app db', 'runner app', 'runner db', 'runner load'])
      for (const { beforeMs, afterMs } of roundTrips)
        assert.ok((beforeMs ?? 0) > 0 && (afterMs ?? 0) > 0)
      for (const { cpu, memory, restarts } of stages) {
        for (const part of ['app', 'db', 'nginx', 'runner'] as const) {
          assert.ok((cpu[part]?.cores ?? 0) > 0, `${arm} ${part}`)
        }
        assert.equal(typeof cpu.app?.throttledRatio, 'number')
        assert.ok(Math.abs((memory.app?.limitMb ?? 0) - 537) < 1)
        assert.equal(restarts, 0)
      }
    }
    // The promise of a mode is seen from the database, over the overlay.
    const perRequest = trials.find(({ arm }) => arm === 'per-request')?.stages[0]
    assert.ok(Math.abs((perRequest?.connectionsPerRequest ?? 0) - 1) < 0.1)
  })

  test('two milliseconds between the hosts are in the round trips, and in the response times', async () => {
    const near = (await onlyRun()).trials.find(({ arm }) => arm === 'pooled')
    await rm(results, { recursive: true, force: true })
    await program('mkdir', ['-p', results])
    await must(program(join(KIT, '.ci/swarm/distance'), ['2']))
    try {
      const env = { ARMS: 'pooled', PROFILE: 'smoke' }
      const taken = await kit('run', env, '--users', '20')
      assert.equal(taken.code, 0, `${taken.stdout}\n${taken.stderr}`)
    } finally {
      await must(program(join(KIT, '.ci/swarm/distance'), ['0']))
    }
    const [far] = (await onlyRun()).trials
    const added = (host: string, from?: string): number => {
      const [a, b] = [near, far].map((trial) =>
        trial?.roundTrips?.find((way) => way.host === host && way.from === from),
      )
      return (b?.beforeMs ?? NaN) - (a?.beforeMs ?? NaN)
    }
    for (const ms of [added('app'), added('db'), added('db', 'app')]) {
      assert.ok(ms >= 1.9 && ms < 4, `2 ms were to be added, and ${ms.toFixed(2)} were`)
    }
    assert.ok(Math.abs(added('load')) < 0.5, 'the host of the load has no way to itself')
    // A request goes from the load to the application, and from there to the database at least once.
    const mean = (trial: typeof near) => trial?.stages[0]?.all.meanMs ?? NaN
    assert.ok(mean(far) - mean(near) > 4, `${mean(near)} ms became ${mean(far)}`)
  })

  test('arms that are not asked for have no container', async () => {
    const { stdout } = await on('app', 'ps', '--format', '{{ .Names }}')
    assert.match(stdout, /samehost_pooled/)
    assert.doesNotMatch(stdout, /samehost_(floor|persistent|django|fastapi)/)
  })

  test('an image that a node lacks is named, with the node and the remedy', async () => {
    const { code, stderr } = await kit('run', { ARMS: 'floor', PROFILE: 'smoke' })
    assert.equal(code, 1)
    assert.match(stderr, /the node app lacks the image of floor .*scripts\/three-hosts\/images/)
  })

  test('a node that goes away in mid-stage ends the trial, which is kept and names the host', async () => {
    await rm(results, { recursive: true, force: true })
    await program('mkdir', ['-p', results])
    const env = { ARMS: 'pooled', PROFILE: 'smoke' }
    const running = kit('run', env, '--users', '20', '--hold', '20s', '--timeout', '2s')
    const deadline = performance.now() + 60_000
    while ((await onlyRun().catch(() => null)) === null) {
      assert.ok(performance.now() < deadline, 'waited 60 s for the run to begin')
      await delay(500)
    }
    // Amid the window of its only stage.
    await delay(12_000)
    const pid = await must(program('cat', ['/run/samehost-hosts/app/run/docker.pid']))
    process.kill(Number(pid), 'SIGTERM')
    const { code, stdout, stderr } = await running
    assert.equal(code, 1, `${stdout}\n${stderr}`)
    const [trial] = (await onlyRun()).trials
    assert.equal(trial?.state, 'aborted')
    assert.match(trial.problem ?? '', /the host app does not answer any more\. `docker node ls`/)
  })

  test('afterwards nothing is left', async () => {
    await must(program(join(KIT, '.ci/swarm/down'), []))
    const [names, links, rules, folders, processes] = await Promise.all([
      must(program('ip', ['netns', 'list'])),
      must(program('ip', ['-brief', 'link'])),
      must(program('iptables', ['-S', 'FORWARD'])),
      must(program('ls', ['/run', '/var/lib'])),
      must(program('ps', ['-eo', 'args'])),
    ])
    assert.doesNotMatch(names, /samehost/)
    assert.doesNotMatch(links, /br-(samehost|load|app|db)|(sh|far|near)-(load|app|db)/)
    assert.doesNotMatch(rules, /samehost-three-hosts/)
    assert.doesNotMatch(folders, /samehost-hosts$/m)
    assert.doesNotMatch(processes, /samehost-hosts|swarm\/distance/)
  })
})
