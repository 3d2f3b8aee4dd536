import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { applyHosts } from '../../runner/experiment/hosts.ts'
import { readLimits } from '../../runner/experiment/levels.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { observeProcesses } from '../../runner/telemetry/processes.ts'
import {
  ANYWHERE,
  parseCores,
  spawnPlaced,
  splitCores,
  takeOwnCores,
} from '../../runner/testbed/embedded/cores.ts'
import { placesOf } from '../../runner/testbed/embedded/cgroup.ts'
import {
  cpuGroup,
  groupControl,
  type HostGroups,
  openHostGroups,
  withPeriods,
} from '../../runner/testbed/embedded/limits.ts'
import { openEmbedded } from '../../runner/testbed/embedded/open.ts'
import { limitsAt } from '../../runner/plan/hosts.ts'
import { groupsLeft, groupsOf, leftBehind, startRun } from './runs.ts'
import { SHOP } from '../fixtures/shop.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'limits-'))
  // Started by root, the server runs as another user, who must be let in.
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

const SPIN = ['-e', 'process.title; for (;;);'] as const

/** null, with the reason printed, where this user may make no groups. */
async function groupsFor(t: TestContext): Promise<HostGroups | null> {
  const groups = await openHostGroups(() => {})
  if (groups === null) {
    t.skip('no CPU groups can be made here: run as root, or in a delegated group of cgroup v2')
    return null
  }
  t.after(() => groups.remove())
  return groups
}

test('a process in a group, with its children, gets the CPU of the limit, and the periods say so', async (t) => {
  const groups = await groupsFor(t)
  if (groups === null) return
  const control = groupControl(groups)
  assert.equal(await control.limitsOf('pooled'), null)
  const limits = { cores: 0.2, periodUs: 10_000 }
  await control.setLimits('pooled', limits)
  assert.deepEqual(await control.limitsOf('pooled'), limits)
  assert.equal(await control.limitsOf('db'), null, 'the other group is another host')

  // Two processes spin, a parent and its child: together they have the limit of one host.
  const both = `require('node:child_process').spawn(process.execPath, ['-e', 'for (;;);']); for (;;);`
  const child = await spawnPlaced(
    { cores: null, group: groups.app },
    [process.execPath, '-e', both],
    { stderr: 'ignore' },
  )
  const pid = child.pid ?? 0
  const observer = withPeriods(observeProcesses({ app: pid, db: null }), groups)
  await delay(1_000)
  // The first reading goes through all processes of the machine, and takes longer than the next.
  await observer.read()
  const from = (await observer.read()).app
  await delay(3_000)
  const to = (await observer.read()).app
  assert.ok(from && to)
  const pids = (await readFile(join(groups.app.folder, 'cgroup.procs'), 'utf8')).trim().split('\n')
  assert.ok(pids.includes(String(pid)) && pids.length === 2, `${pids.join(', ')} are in the group`)
  // /proc counts in ticks of 10 ms: of two processes, at two readings.
  const usedCores = (to.cpuUs - from.cpuUs) / 1000 / (to.atMs - from.atMs)
  assert.ok(usedCores < 0.2 + 40 / 3_000, `${usedCores} cores of 0.2`)
  assert.ok((to.throttledPeriods ?? 0) > (from.throttledPeriods ?? 0), 'it was throttled')
  assert.ok((to.periods ?? 0) - (from.periods ?? 0) > 100, 'by periods of 10 ms')

  // A faster host from now on: the same process, another limit.
  await control.setLimits('pooled', { cores: 1, periodUs: 20_000 })
  assert.deepEqual(await control.limitsOf('pooled'), { cores: 1, periodUs: 20_000 })
  await groups.remove()
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  assert.equal(child.signalCode, 'SIGKILL', 'what is still in a group ends with it')
  await assert.rejects(stat(groups.app.folder), /ENOENT/)
  await assert.rejects(stat(groups.db.folder), /ENOENT/)
})

test('a level of CPU keeps the limit of its entry; every other arm gets that of HOSTS', async (t) => {
  const groups = await groupsFor(t)
  if (groups === null) return
  const hosts = groupControl(groups)
  const arm = { name: 'any', mode: null, entry: null, environment: {}, groups: [] }
  const fit = { kind: 'fit', speed: 0.26, appCores: 0.26, dbCores: 0.52, periodUs: 20_000 } as const
  const cpu = { cores: 0.1, periodUs: 100_000 }
  for (const [limits, expected] of [
    [{ cpu }, cpu],
    [{}, { cores: 0.26, periodUs: 20_000 }],
  ] as const) {
    await applyHosts({ hosts, label: 'groups' }, { ...arm, limits }, fit)
    assert.deepEqual(await readLimits({ hosts }, 'any'), expected)
  }
  assert.equal((await hosts.limitsOf('db'))?.cores, 0.52)
})

test('the environment says of each arm what it was given, whichever was given last', async (t) => {
  const groups = await groupsFor(t)
  if (groups === null) return
  const arm = { mode: null, entry: null, environment: {}, groups: [] }
  const own = { cpu: { cores: 0.1, periodUs: 100_000 } }
  const arms = [
    { ...arm, name: 'any' },
    { ...arm, name: 'slow', limits: own },
  ]
  const testbed = await openEmbedded(arms, {
    database: SHOP.database,
    warn: () => {},
    say: () => {},
  })
  try {
    const hosts = { kind: 'fit', ...limitsAt(0.26) } as const
    for (const order of [arms, arms.toReversed()]) {
      for (const each of order) await applyHosts(testbed, each, hosts)
      const { parts, limitCores } = await testbed.environment(['any', 'slow'])
      const apps = parts.filter(({ part }) => part === 'app')
      assert.deepEqual(
        apps.map(({ name, cpuLimitCores }) => [name, cpuLimitCores]),
        [
          ['any', 0.26],
          ['slow', 0.1],
        ],
      )
      assert.ok((limitCores ?? 0) > 0.26 + 0.52, String(limitCores))
    }
  } finally {
    await testbed.close()
  }
})

test('a limit that the kernel does not take is said, and what a killed runner left is removed', async (t) => {
  const groups = await groupsFor(t)
  if (groups === null) return
  await assert.rejects(
    groups.app.setLimits({ cores: 0.001, periodUs: 10_000 }),
    /does not limit \S+ to 0\.001 cores by 10000 us \(EINVAL\)/,
  )
  // Process ids end at 4,194,304.
  const [stale, other] = ['samehost-4194305-1-app', 'unrelated'].map((name) =>
    join(dirname(groups.app.folder), name),
  )
  await mkdir(stale ?? '')
  const again = await openHostGroups(() => {})
  t.after(() => again?.remove())
  await assert.rejects(stat(stale ?? ''), /ENOENT/)
  await stat(groups.app.folder)
  await assert.rejects(stat(other ?? ''), /ENOENT/)
})

// A kernel gives its CPU controller to one version of the interface; this is the other one's words, in plain files.
for (const [version, unlimited, files] of [
  [
    1,
    { 'cpu.cfs_quota_us': '-1\n', 'cpu.cfs_period_us': '100000\n' },
    ['cpu.cfs_quota_us', '2600'],
  ],
  [2, { 'cpu.max': 'max 100000\n' }, ['cpu.max', '2600 10000']],
] as const)
  test(`limits in the words of cgroup v${version}`, async (t) => {
    const at = await mkdtemp(join(tmpdir(), 'group-'))
    t.after(() => rm(at, { recursive: true }))
    for (const [name, text] of Object.entries(unlimited)) await writeFile(join(at, name), text)
    const group = cpuGroup({ version, folder: at, top: at })
    assert.deepEqual([await group.limits(), await group.periods()], [null, null])
    await group.setLimits({ cores: 0.26, periodUs: 10_000 })
    const [name, written] = files
    assert.equal(await readFile(join(at, name), 'utf8'), written)
    assert.deepEqual(await group.limits(), { cores: 0.26, periodUs: 10_000 })
    await writeFile(join(at, 'cpu.stat'), 'usage_usec 9\nnr_periods 40\nnr_throttled 3\n')
    assert.deepEqual(await group.periods(), { periods: 40, throttledPeriods: 3 })
  })

test('cgroup v1: below the own group; v2: below each ancestor, the nearest first', () => {
  const v1 =
    '30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n' +
    '31 25 0:27 /docker/a /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n'
  assert.deepEqual(placesOf(v1, '4:cpu,cpuacct:/docker/a/b\n3:memory:/x\n'), [
    {
      version: 1,
      folder: '/sys/fs/cgroup/cpu,cpuacct/b',
      top: '/sys/fs/cgroup/cpu,cpuacct',
    },
  ])
  const v2 = '31 25 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n'
  assert.deepEqual(
    placesOf(v2, '0::/user.slice/a.scope\n').map(({ version, folder: at }) => [version, at]),
    [
      [2, '/sys/fs/cgroup/user.slice/a.scope'],
      [2, '/sys/fs/cgroup/user.slice'],
      [2, '/sys/fs/cgroup'],
    ],
  )
  assert.deepEqual(placesOf('', ''), [])
})

test('the instrument has as many cores as it has processes, and the parts have what is left', () => {
  assert.deepEqual(parseCores('0-2,5'), [0, 1, 2, 5])
  assert.deepEqual(parseCores('3'), [3])
  assert.deepEqual(parseCores(''), [])
  assert.deepEqual(splitCores([0, 1], 1), { instrument: [1], parts: [0] })
  assert.deepEqual(splitCores([0, 1, 2, 5], 2), { instrument: [2, 5], parts: [0, 1] })
  assert.equal(splitCores([0, 1], 2), null)
  assert.equal(splitCores([4], 1), null)
})

const coresOf = async (pid: number | undefined): Promise<number[]> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return parseCores(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '')
}

test('the runner and the parts are on cores apart, every thread of both, until it is released', async (t) => {
  const cores = await takeOwnCores([process.pid], 1)
  if (cores === null) {
    t.skip(`one core of ${availableParallelism()} for each, and taskset(1), are needed`)
    return
  }
  const placement = { ...ANYWHERE, cores: cores.parts }
  const child = await spawnPlaced(placement, [process.execPath, ...SPIN], { stderr: 'ignore' })
  t.after(() => child.kill('SIGKILL'))
  // Until it is Node, and no longer what places it.
  const isNode = async () =>
    (await readFile(`/proc/${child.pid}/cmdline`, 'utf8')).includes('for (;;)')
  while ((await coresOf(child.pid ?? 0)).join() !== cores.parts.join() || !(await isNode()))
    await delay(50)
  for (const [pid, held] of [
    [process.pid, cores.instrument],
    [child.pid, cores.parts],
  ] as const) {
    const threads = await readdir(`/proc/${pid}/task`)
    for (const thread of threads) assert.deepEqual(await coresOf(Number(thread)), held)
  }
  await cores.release()
  assert.deepEqual(
    await coresOf(process.pid),
    [...cores.parts, ...cores.instrument].toSorted((a, b) => a - b),
  )
})

test('without taskset(1) nothing is held to a core', async (t) => {
  const { PATH } = process.env
  process.env['PATH'] = folder
  t.after(() => (process.env['PATH'] = PATH))
  const held = await coresOf(process.pid)
  assert.equal(await takeOwnCores([process.pid], 1), null)
  assert.deepEqual(await coresOf(process.pid), held)
})

test('a limit that somebody else sets in the midst of a run: the stages from then on are INVALID', async (t) => {
  const own = await groupsFor(t)
  if (own === null) return
  const out = join(folder, 'changed')
  const options = ['--profile', 'smoke', '--users', '5,10', '--hold', '3s', '--arms', 'pooled']
  const run = startRun(folder, [...options, '--out', out])
  await run.until(/5 users: [\d.]+\/s/)
  const parent = dirname(own.app.folder)
  const groups = await groupsOf(run.child.pid)
  assert.equal(groups.length, 2, 'one for each host')
  const [app] = groups.filter((name) => name.endsWith('-app'))
  assert.ok(app !== undefined, run.said())
  const files = await readdir(join(parent, app))
  const version = files.includes('cpu.max') ? 2 : 1
  const group = cpuGroup({ version, folder: join(parent, app), top: parent })
  await group.setLimits({ cores: 0.15, periodUs: 50_000 })
  assert.equal(await run.ended(), 0, run.said())
  const { environment, configuration, trials } = await readRun(out)
  const [trial] = trials
  const limits = trial?.stages.map(({ validity }) =>
    validity.reasons.filter(({ check }) => check === 'limits'),
  )
  assert.deepEqual(limits?.[0], [])
  assert.match(limits[1]?.[0]?.text ?? '', /limit of app .*: 0\.15 cores by 50000 us/)
  assert.equal(trial?.state, 'complete')

  // The rest is what a run within limits says of itself, and leaves.
  assert.match(environment.label, /^embedded: CPU limits by cgroup, no Nginx, the runner on core/)
  assert.equal(configuration.hosts?.kind, 'fit')
  const [part] = environment.parts
  assert.equal(part?.cpuLimitCores, configuration.hosts.appCores)
  const cpu = trial.stages[0]?.cpu
  assert.ok(cpu?.app?.throttledRatio !== null && cpu?.db?.throttledRatio !== null)
  assert.deepEqual(await leftBehind(folder), [])
  assert.deepEqual(await groupsLeft(run.child.pid), [])
})
