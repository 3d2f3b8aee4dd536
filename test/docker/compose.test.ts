import assert from 'node:assert/strict'
import { chown, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { BOUNDS } from '../../runner/analysis/checks/checks.ts'
import { openedForEach } from '../../runner/analysis/edges.ts'
import { limitedByRunner } from '../../runner/analysis/validity.ts'
import { errorClasses } from '../../runner/measurement/figures.ts'
import type { Run } from '../../runner/measurement/run.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { skipWithoutEngine } from './engine.ts'
import { BUILD, docker, KIT } from './kit.ts'

const PROJECT = `samehost-test-${process.pid}`
// Pinned: the limits are then those that compose.yaml declares.
const ENV = {
  COMPOSE_PROJECT_NAME: PROJECT,
  SAMEHOST_PORT: '0',
  PROFILE: 'smoke',
  HOSTS: 'pinned',
}

const compose = (...args: string[]) => docker(['compose', ...args], ENV)

type Container = {
  Name: string
  HostConfig: {
    NanoCpus: number
    CpuQuota: number
    CpuPeriod: number
    Memory: number
    PortBindings: Record<string, { HostIp: string }[]>
  }
}

/** `cpus` of Compose arrives as NanoCpus, a quota with its period as they are. */
const coresOf = ({ NanoCpus, CpuQuota, CpuPeriod }: Container['HostConfig']): number =>
  NanoCpus > 0 ? NanoCpus / 1e9 : CpuQuota / CpuPeriod

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0)

/** compose.yaml as a user starts it, taken through a smoke run to its results. */
void suite('docker compose up bench', { skip: await skipWithoutEngine() }, () => {
  const folders: string[] = []
  let smoke: Awaited<ReturnType<typeof compose>>
  let smokeRun: Run

  before(async () => {
    const known = new Set(await readdir(`${KIT}results`))
    smoke = await compose('up', '--build', '--exit-code-from', 'bench', 'bench')
    const [made] = (await readdir(`${KIT}results`)).filter((name) => !known.has(name))
    const folder = join(KIT, 'results', made ?? '')
    folders.push(folder)
    assert.equal(smoke.code, 0, smoke.stdout.slice(-3_000) + smoke.stderr.slice(-3_000))
    smokeRun = await readRun(folder)
  })

  after(async () => {
    await docker(['compose', 'down', '-v', '--remove-orphans'], { ...ENV, ARMS: 'all' })
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  test('a smoke run ends with 0, tables and whole results', () => {
    assert.match(smoke.stdout, /The arms side by side/)
    assert.match(smoke.stdout, /DONE: results in results\/.*docker compose down -v/)
    assert.equal(smokeRun.state, 'complete')
    assert.equal(smokeRun.environment.testbed, 'compose')
    for (const trial of smokeRun.trials) {
      assert.equal(trial.audit?.passed, true, trial.arm)
      assert.ok((trial.warmUpRequests ?? 0) > 0, trial.arm)
      // Other tests share these cores, and may stop a window of three seconds: that stage says so. What the
      // mode promises shows through that.
      for (const stage of trial.stages) {
        const { users, connectionsPerRequest, littlesLaw, validity } = stage
        const { low, high } = BOUNDS.connections.perRequest
        const opened = connectionsPerRequest ?? Number.NaN
        const kept = trial.arm !== 'per-request'
        // Only a client that came late itself leaves users unaccounted for.
        const late = limitedByRunner(stage)
        // Of a queue that grew, what was not served opened nothing yet.
        const [least] = openedForEach(stage)
        assert.ok(
          kept ? opened < low / 4 : opened > (low * least) / 2,
          `${trial.arm}: ${opened} a request, ${least} at least`,
        )
        if (!kept && (opened < low || opened > high)) assert.equal(validity.valid, false)
        assert.ok(
          late || Math.abs(littlesLaw.residual) < 0.02,
          `${trial.arm}, ${users}: ${JSON.stringify(validity.reasons)}`,
        )
      }
      for (const {
        outcomes,
        cpu,
        all: { errors },
        users,
        validity,
      } of trial.stages) {
        const what = `${trial.arm}, ${users} users: ${errorClasses({ errors })}`
        // Where other tests take the cores, ended backends leave late, and a new connection may find the
        // server full: the service says 503, and its stage is INVALID. Nothing else may fail.
        const refused = trial.arm === 'per-request' ? (errors['status-503'] ?? 0) : 0
        assert.equal(outcomes.failed, refused, what)
        if (refused > 0) assert.equal(validity.valid, false, what)
        for (const part of ['app', 'db', 'nginx', 'runner'] as const) {
          assert.ok((cpu[part]?.usPerRequest ?? 0) > 0, `${part} of ${trial.arm} used CPU`)
        }
      }
    }
  })

  test('the database works at least 3 times harder with a connection a request', () => {
    // By what was served: where the machine stands still, requests of a window are sent and not served in it.
    const cost = (arm: string): number => {
      const { stages = [] } = smokeRun.trials.find((trial) => trial.arm === arm) ?? {}
      const ended = stages.map((stage) => stage.ended ?? 0)
      const us = stages.map(({ cpu, outcomes }) => (cpu.db?.usPerRequest ?? NaN) * outcomes.sent)
      return sum(us) / sum(ended)
    }
    const ratio = cost('per-request') / cost('pooled')
    assert.ok(ratio >= 3, `${ratio} times`)
  })

  test('the limits that the engine reports are those declared', async () => {
    const { stdout } = await compose('ps', '-aq')
    const inspected = await docker(['inspect', ...stdout.trim().split('\n')])
    for (const { Name, HostConfig } of JSON.parse(inspected.stdout) as Container[])
      assert.ok(HostConfig.NanoCpus <= 1e9, `${Name}: an engine with one core would refuse it`)
    const limits = new Map(
      (JSON.parse(inspected.stdout) as Container[]).map(({ Name, HostConfig }) => [
        Name.replace(`/${PROJECT}-`, '').replace(/-1$/, ''),
        [coresOf(HostConfig), HostConfig.Memory / 2 ** 20],
      ]),
    )
    for (const arm of ['pooled', 'persistent', 'per-request']) {
      assert.deepEqual(limits.get(arm), [1, 512], arm)
    }
    assert.deepEqual(limits.get('db'), [2, 1_024])
    assert.deepEqual(limits.get('nginx'), [1, 128])
  })

  test('what is published is on loopback, and only the front door', async () => {
    const { stdout } = await compose('ps', '--format', '{{.Name}} {{.Publishers}}')
    const published = stdout.split('\n').filter((line) => /\d+\.\d+\.\d+\.\d+/.test(line))
    assert.equal(published.length, 1, stdout)
    assert.match(published[0] ?? '', /nginx-1 .*127\.0\.0\.1/)
  })

  test('run --rm bench carries the exit code: 2 for bad usage', async () => {
    const bad = await compose('run', '--rm', '-T', 'bench', '--users', 'many')
    assert.equal(bad.code, 2)
    assert.match(bad.stderr, /--users many: a whole number/)
  })

  test('results belong to the owner of the folder, not to root', async () => {
    const folder = await mkdtemp(join(KIT, 'results', 'owned-'))
    folders.push(folder)
    await chown(folder, 1234, 1234)
    const options = ['--arms', 'pooled', '--users', '2', '--hold', '2s', '--profile', 'smoke']
    const args = ['compose', 'run', '--rm', '-T', 'bench', ...options]
    const run = await docker(args, { ...ENV, SAMEHOST_RESULTS: folder })
    assert.equal(run.code, 0, run.stderr)
    const [made = ''] = await readdir(folder)
    const file = await stat(join(folder, made, 'run.json'))
    assert.deepEqual([file.uid, file.gid], [1234, 1234])
  })

  test('without the engine’s socket the run continues without CPU figures, and says so', async () => {
    const folder = await mkdtemp(join(KIT, 'results', 'blind-'))
    folders.push(folder)
    const socket = join(folder, 'no.sock')
    // No limit can be set without the socket, so none is asked for.
    const results = join(folder, 'results')
    const env = { ...ENV, HOSTS: '', DOCKER_SOCKET: socket, SAMEHOST_RESULTS: results }
    await mkdir(env.SAMEHOST_RESULTS)
    await compose('rm', '-sf', 'stats-window', 'bench')
    const args = ['--arms', 'pooled', '--users', '20', '--hold', '2s', '--profile', 'smoke']
    const run = await docker(['compose', 'run', '--rm', '-T', 'bench', ...args], env)
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stdout + run.stderr, /No CPU and memory figures/)
    const [made = ''] = await readdir(env.SAMEHOST_RESULTS)
    const { trials } = await readRun(join(env.SAMEHOST_RESULTS, made))
    assert.equal(trials[0]?.stages[0]?.cpu.app, undefined)
  })

  test('an arm that is not started is refused before anything is measured, with the remedy', async () => {
    const { code, stderr } = await compose('run', '--rm', '-T', 'bench', '--arms', 'pooled,floor')
    assert.equal(code, 1)
    assert.match(stderr, /Not started: floor\..*ARMS=pooled,floor docker compose run --rm bench/)
  })

  test('ARMS starts the arms that it names, and no other', async () => {
    await compose('down')
    const env = { ...ENV, ARMS: 'floor' }
    const args = ['compose', 'up', ...BUILD, '--exit-code-from', 'bench', 'bench']
    const known = new Set(await readdir(`${KIT}results`))
    const up = await docker(args, env)
    const [made = ''] = (await readdir(`${KIT}results`)).filter((name) => !known.has(name))
    const folder = join(KIT, 'results', made)
    folders.push(folder)
    assert.equal(up.code, 0, up.stdout.slice(-3_000) + up.stderr.slice(-3_000))
    assert.match(up.stdout, /`ARMS=floor docker compose down -v`/)
    const services = (await docker(['compose', 'ps', '-a', '--services'], env)).stdout
    assert.deepEqual(services.trim().split('\n').toSorted(), [
      'bench',
      'db',
      'floor',
      'nginx',
      'password',
      'stats-window',
    ])
    const { trials, configuration } = await readRun(folder)
    assert.deepEqual(configuration.arms, [{ name: 'floor', mode: 'pooled' }])
    assert.equal(trials[0]?.state, 'complete')
    await docker(['compose', 'down', '-v'], env)
  })

  test('down -v leaves nothing', async () => {
    await compose('down', '-v')
    const label = `label=com.docker.compose.project=${PROJECT}`
    for (const kind of [
      ['ps', '-a'],
      ['volume', 'ls'],
      ['network', 'ls'],
    ]) {
      const { stdout } = await docker([...kind, '-q', '--filter', label])
      assert.equal(stdout.trim(), '', kind.join(' '))
    }
  })
})
