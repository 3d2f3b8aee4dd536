import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, suite, test } from 'node:test'
import type { CheckId } from '../../runner/analysis/checks/checks.ts'
import type { Run } from '../../runner/measurement/run.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { follow, type Followed } from '../testbed/runs.ts'
import { skipWithoutEngine } from './engine.ts'
import { build, containerOf, docker, KIT, tell } from './kit.ts'
import { overhearSocket } from './testing/overheard-socket.ts'

const PROJECT = `samehost-trouble-${process.pid}`
const BOTH = ['pooled', 'persistent']
const TWENTY = ['--profile', 'smoke', '--users', '20']
const SMALL = [...TWENTY, '--hold', '2s', '--arms', 'pooled']
/** Longer than a command of the engine takes where the cores are busy. */
const HELD = ['--hold', '20s', '--arms', BOTH.join(',')]

/** What happens to containers while `bench` measures them. */
void suite('trouble in Docker Compose', { skip: await skipWithoutEngine() }, () => {
  const env: Record<string, string> = {
    COMPOSE_PROJECT_NAME: PROJECT,
    SAMEHOST_PORT: '0',
    ARMS: BOTH.join(','),
  }
  const compose = (...args: string[]) => docker(['compose', ...args], env)
  let results: string

  before(async () => {
    results = await mkdtemp(join(KIT, 'results', 'trouble-'))
    env['SAMEHOST_RESULTS'] = results
    await build('bench', 'pooled', 'nginx')
    const up = await compose('up', '-d', '--wait', 'pooled', 'persistent', 'nginx', 'stats-window')
    assert.equal(up.code, 0, up.stderr)
  })
  // A run that is left from a test that failed holds the database that the next one needs.
  afterEach(async () => {
    for (const container of await runners()) await docker(['rm', '-f', container])
  })
  after(async () => {
    await compose('down', '-v', '--remove-orphans')
    await rm(results, { recursive: true, force: true })
  })

  function composeRun(...args: readonly string[]): Followed {
    const command = ['compose', 'run', '--rm', '-T', ...args]
    const options = { cwd: KIT, env: { ...process.env, ...env } }
    return follow(spawn('docker', command, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }))
  }

  /** The containers in which `bench` runs. */
  async function runners(): Promise<string[]> {
    const labels = [`project=${PROJECT}`, 'service=bench']
    const filters = labels.flatMap((label) => ['--filter', `label=com.docker.compose.${label}`])
    const { stdout } = await docker(['ps', '-q', ...filters])
    return stdout.split('\n').filter((id) => id !== '')
  }

  async function newestRun(): Promise<Run> {
    const names = (await readdir(results)).toSorted()
    return readRun(join(results, names.at(-1) ?? ''))
  }

  test('an arm is killed; in the next a kill for memory, a foreign limit and a lost window are each said', async () => {
    const run = composeRun('bench', '--profile', 'smoke', '--users', '20,25,30', ...HELD)
    await run.until(/\[1\/2\] \S+ 20 users: \d+ s to go · .*cores: /)
    const first = /\[1\/2\] (\S+) 20 users/.exec(run.said())?.[1] === 'pooled' ? 0 : 1
    const [killed = '', measured = ''] = first === 0 ? BOTH : BOTH.toReversed()
    const kill = await docker(['kill', await containerOf(PROJECT, killed)])
    assert.equal(kill.code, 0, kill.stderr)

    const container = await containerOf(PROJECT, measured)
    const window = await containerOf(PROJECT, 'stats-window')
    await run.until(/\[2\/2\] \S+ 20 users: \d+ s to go · .*cores: /)
    // Grows beyond the container's limit until the kernel ends it. It asks to be ended first, and has one
    // thread: one with many may be slow to leave, and then the kernel ends the service too.
    const hog = 'echo 1000 >/proc/self/oom_score_adj; exec tail /dev/zero'
    const { code } = await docker(['exec', container, 'sh', '-c', hog])
    assert.equal(code, 137, 'it was killed')
    await run.until(/\[2\/2\] \S+ 25 users: \d+ s to go · .*cores: /)
    const set = await docker(['update', '--cpu-quota', '15000', container])
    assert.equal(set.code, 0, set.stderr)
    await run.until(/\[2\/2\] \S+ 30 users: \d+ s to go · .*cores: /)
    const lost = await docker(['kill', window])
    assert.equal(lost.code, 0, lost.stderr)
    assert.equal(await run.ended(), 1, run.said())

    assert.match(run.said(), new RegExp(`FAILED: ${killed}: It ended at 20 users`))
    assert.match(run.said(), /out-of-memory kill/)
    const { trials, warnings } = await newestRun()
    assert.deepEqual(
      trials.map(({ arm, state }) => [arm, state]),
      [
        [killed, 'aborted'],
        [measured, 'complete'],
      ],
    )
    const [memory, limit] = trials[1]?.stages ?? []
    const reason = (stage: typeof memory, of: CheckId) =>
      stage?.validity.reasons.find(({ check }) => check === of)?.text
    assert.ok(reason(memory, 'oom-kills'), run.said())
    assert.equal(reason(memory, 'limits'), undefined)
    const changed = new RegExp(`the limit of app was changed by somebody else: 0\\.15 cores`)
    assert.match(reason(limit, 'limits') ?? '', changed)
    assert.ok(limit?.cpu.app, 'the window was there')
    const of30 = /of 30 users: CPU, limits and restarts of app, db, nginx/
    assert.ok(
      warnings.some((text) => of30.test(text)),
      warnings.join('\n'),
    )
    await docker(['update', '--cpu-quota', '100000', container])
    await tell(PROJECT, 'restart', killed, 'stats-window')
  })

  test('a second run in a project is refused with who measures there, and a killed one is resumed', async () => {
    await tell(PROJECT, 'start', 'pooled', 'nginx', 'stats-window')
    const killRunner = async (): Promise<void> => {
      const [container = ''] = await runners()
      assert.equal((await docker(['kill', container])).code, 0, container)
    }
    const measuring = /20 users: \d+ min to go · .*cores: /
    // Still there when the second one has started, however busy the machine is.
    const first = composeRun('bench', ...TWENTY, '--hold', '15m', '--arms', 'pooled')
    await first.until(measuring)
    const second = await compose('run', '--rm', '-T', 'bench', ...SMALL)
    assert.equal(second.code, 1, second.stderr)
    assert.match(
      second.stderr,
      /The database commerce is in use by samehost, process \d+ on [\da-f]{12} \(from \S+, process \d+ of the/,
    )
    await killRunner()
    await first.ended()
    const [name = ''] = (await readdir(results)).toSorted().slice(-1)
    const resumed = composeRun('bench', '--resume', join('results', name))
    await resumed.until(measuring)
    assert.match(
      resumed.said(),
      /may still write its run into .*: looking for 10 s whether it does/,
    )
    await killRunner()
    await resumed.ended()
  })

  test('without Nginx nothing is measured, and the line says what to do', async () => {
    await tell(PROJECT, 'start', 'pooled', 'nginx', 'stats-window')
    await tell(PROJECT, 'stop', 'nginx')
    const command = ['run', '--rm', '-T', '--no-deps', 'bench', ...SMALL]
    const { code, stderr } = await compose(...command)
    assert.equal(code, 1, stderr)
    assert.match(stderr, /nginx/i)
    assert.match(stderr, /docker compose/)
  })

  test('a database that is paused is waited for aloud, and measured once it goes on', async () => {
    await tell(PROJECT, 'start', 'pooled', 'nginx', 'stats-window')
    await tell(PROJECT, 'pause', 'db')
    try {
      // Compose itself refuses to start what is paused, and says so.
      const waiting = composeRun('--no-deps', 'bench', ...SMALL)
      await waiting.until(
        /Waiting for db, 10 s so far: .*`docker compose unpause db` lets it go on/,
      )
      await tell(PROJECT, 'unpause', 'db')
      assert.equal(await waiting.ended(), 0, waiting.said())
    } finally {
      // Where the test has failed it is still paused, which else nothing could end.
      await docker(['unpause', await containerOf(PROJECT, 'db')])
    }
  })

  test('an arm that has ended is named, with where to look', async () => {
    await tell(PROJECT, 'start', 'pooled', 'nginx', 'stats-window')
    await tell(PROJECT, 'stop', 'pooled')
    const command = ['run', '--rm', '-T', '--no-deps', 'bench', ...SMALL]
    const { code, stderr } = await compose(...command)
    assert.equal(code, 1, stderr)
    assert.match(stderr, /pooled has ended: `docker compose logs pooled` says why/)
  })

  test('an engine that is too old is refused with the remedy', async () => {
    const engine = process.env['DOCKER_SOCKET'] ?? '/var/run/docker.sock'
    // An old engine cannot be had: this one says that it is one, in as many bytes.
    const older = await overhearSocket(engine, (answer) =>
      answer.replace(/Server: Docker\/\d\d\./, 'Server: Docker/24.'),
    )
    try {
      await compose('rm', '-sf', 'stats-window')
      const command = ['compose', 'run', '--rm', '-T', 'bench', ...SMALL]
      const { code, stderr } = await docker(command, { ...env, DOCKER_SOCKET: older.path })
      assert.equal(code, 1, stderr)
      assert.match(stderr, /The Docker Engine is of version 24, older than 25: update it/)
    } finally {
      await older.close()
    }
  })

  test('a port that is taken is named by Compose, and another can be given', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    try {
      await compose('rm', '-sf', 'nginx')
      const up = ['compose', 'up', '-d', '--no-deps', 'nginx']
      const refused = await docker(up, { ...env, SAMEHOST_PORT: String(port) })
      assert.notEqual(refused.code, 0)
      assert.match(refused.stderr, new RegExp(`127\\.0\\.0\\.1:${port}.*(already|in use)`))
    } finally {
      taken.close()
    }
    assert.equal((await compose('up', '-d', '--no-deps', 'nginx')).code, 0)
  })
})
