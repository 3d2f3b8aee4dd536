import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Observer, PartCounters } from '../../telemetry/counters.ts'
import type { HostControl, HostLimits } from '../testbed.ts'

/** Processes that share one CPU limit: a folder of the kernel's CPU controller (cgroup v1 or v2). */
export type CpuGroup = Readonly<{
  folder: string
  /** What the process starts from now on is in the group too. */
  add(pid: number): Promise<void>
  /** null without a limit */
  limits(): Promise<HostLimits | null>
  /** @throws if what is read back is not what was set */
  setLimits(limits: HostLimits): Promise<void>
  /** CFS periods so far, and how many of them ended in throttling; null without a limit. */
  periods(): Promise<Pick<PartCounters, 'periods' | 'throttledPeriods'> | null>
}>

/** The application's host and the database's, where there is no container to limit them. */
export type HostGroups = Readonly<{
  app: CpuGroup
  db: CpuGroup
  remove(): Promise<void>
}>

type Version = 1 | 2
type Place = Readonly<{ version: Version; folder: string }>

/** How a group is read and written in each version of the interface. */
const CONTROLS = {
  1: { limitFile: 'cpu.cfs_quota_us', read: readLimitsOf1, write: writeLimitsOf1 },
  2: { limitFile: 'cpu.max', read: readLimitsOf2, write: writeLimitsOf2 },
} as const

const NAME = /^samehost-(\d+)-/
let made = 0

/**
 * Two groups of this process's own, with no limit yet. What a runner that was killed left is removed.
 *
 * @param watch is given each folder as soon as it is there
 * @returns null where this user may make none, or put no process into it
 */
export async function openHostGroups(watch: (folder: string) => void): Promise<HostGroups | null> {
  for (const place of await places()) {
    await removeStale(place.folder)
    const groups = await makeGroups(place, watch).catch(() => null)
    if (groups !== null) return groups
  }
  return null
}

async function makeGroups(place: Place, watch: (folder: string) => void): Promise<HostGroups> {
  made += 1
  const name = `samehost-${process.pid}-${made}`
  const [app, db] = ['app', 'db'].map((part) =>
    cpuGroup(place.version, join(place.folder, `${name}-${part}`)),
  ) as [CpuGroup, CpuGroup]
  const remove = async (): Promise<void> => {
    for (const { folder } of [app, db]) await removeGroup(folder)
  }
  try {
    for (const { folder } of [app, db]) {
      await mkdir(folder)
      watch(folder)
      await readFile(join(folder, CONTROLS[place.version].limitFile))
    }
    await proveMovable(app)
    return { app, db, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** @param folder of a group that is there */
export function cpuGroup(version: Version, folder: string): CpuGroup {
  const { read, write } = CONTROLS[version]
  const limits = (): Promise<HostLimits | null> => read(folder)
  return {
    folder,
    add: (pid) => writeFile(join(folder, 'cgroup.procs'), String(pid)),
    limits,
    setLimits: async ({ cores, periodUs }) => {
      const quotaUs = Math.round(cores * periodUs)
      await write(folder, quotaUs, periodUs).catch((cause: unknown) => {
        const { code = 'no reason' } = cause as NodeJS.ErrnoException
        const asked = `${cores} cores by ${periodUs} us`
        throw new Error(`The kernel does not limit ${folder} to ${asked} (${code}).`, { cause })
      })
      const now = await limits()
      if (now?.periodUs === periodUs && Math.round(now.cores * periodUs) === quotaUs) return
      const found = now === null ? 'no limit' : `${now.cores} cores by ${now.periodUs} us`
      throw new Error(`${folder} was to have ${cores} cores by ${periodUs} us and has ${found}.`)
    },
    periods: async () => {
      if ((await limits()) === null) return null
      const text = await readFile(join(folder, 'cpu.stat'), 'utf8')
      return {
        periods: Number(/^nr_periods (\d+)$/m.exec(text)?.[1] ?? 0),
        throttledPeriods: Number(/^nr_throttled (\d+)$/m.exec(text)?.[1] ?? 0),
      }
    },
  }
}

/** That the group can be made says nothing of who may enter it: that depends on where this process is. */
async function proveMovable(group: CpuGroup): Promise<void> {
  const probe = spawn('/bin/sh', ['-c', 'read -r _'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(probe, 'spawn')
  const ended = once(probe, 'exit')
  try {
    await group.add(probe.pid ?? 0)
  } finally {
    probe.stdin?.end()
    await ended
  }
}

const numberIn = async (folder: string, file: string): Promise<number> =>
  Number(await readFile(join(folder, file), 'utf8'))

async function readLimitsOf1(folder: string): Promise<HostLimits | null> {
  const quotaUs = await numberIn(folder, 'cpu.cfs_quota_us')
  const periodUs = await numberIn(folder, 'cpu.cfs_period_us')
  return quotaUs > 0 ? { cores: quotaUs / periodUs, periodUs } : null
}

/** Without a limit between the two: a quota that was right by the old period may be none by the new one. */
async function writeLimitsOf1(folder: string, quotaUs: number, periodUs: number): Promise<void> {
  await writeFile(join(folder, 'cpu.cfs_quota_us'), '-1')
  await writeFile(join(folder, 'cpu.cfs_period_us'), String(periodUs))
  await writeFile(join(folder, 'cpu.cfs_quota_us'), String(quotaUs))
}

async function readLimitsOf2(folder: string): Promise<HostLimits | null> {
  const [quota, period] = (await readFile(join(folder, 'cpu.max'), 'utf8')).trim().split(' ')
  return quota === 'max'
    ? null
    : { cores: Number(quota) / Number(period), periodUs: Number(period) }
}

async function writeLimitsOf2(folder: string, quotaUs: number, periodUs: number): Promise<void> {
  await writeFile(join(folder, 'cpu.max'), `${quotaUs} ${periodUs}`)
}

/** Where groups may be possible on this machine, the likeliest first. */
async function places(): Promise<Place[]> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
  const found = placesOf(await read('/proc/self/mountinfo'), await read('/proc/self/cgroup'))
  const usable: Place[] = []
  for (const place of found) {
    const children = await read(join(place.folder, 'cgroup.subtree_control'))
    if (place.version === 1 || children.trim().split(' ').includes('cpu')) usable.push(place)
  }
  return usable
}

/**
 * Version 1: below this process's own group. Version 2: below the first of its ancestors, since there a
 * group has either processes or subgroups; whether one gives CPU to its subgroups is to be read in it.
 *
 * @param mountinfo as in proc_pid_mountinfo(5) @param own /proc/self/cgroup, as in cgroups(7)
 */
export function placesOf(mountinfo: string, own: string): Place[] {
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [left = '', right = ''] = line.split(' - ')
    const [root, folder] = left.split(' ').slice(3, 5)
    const [type, , options = ''] = right.split(' ')
    return root === undefined || folder === undefined ? [] : [{ root, folder, type, options }]
  })
  const paths = own.split('\n').map((line) => line.split(':'))
  const pathOf = (controller: string): string | undefined =>
    paths
      .find(([, names = '']) => names.split(',').includes(controller))
      ?.slice(2)
      .join(':')
  const inside = (root: string, folder: string, path: string | undefined): string =>
    join(folder, path?.startsWith(root) ? path.slice(root.length) : '')

  const one = mounts.find(
    ({ type, options }) => type === 'cgroup' && options.split(',').includes('cpu'),
  )
  const two = mounts.find(({ type }) => type === 'cgroup2')
  const found: Place[] = []
  if (one) found.push({ version: 1, folder: inside(one.root, one.folder, pathOf('cpu')) })
  if (two) {
    let folder = inside(two.root, two.folder, pathOf(''))
    for (; folder.startsWith(two.folder); folder = dirname(folder))
      found.push({ version: 2, folder })
  }
  return found
}

async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN)
    // A group that still has processes is not removed by the kernel.
    if (pid > 0 && !isAlive(pid)) await rmdir(join(parent, name)).catch(() => {})
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Ends what is still in the group, and removes it. Gone already is as good. */
export async function removeGroup(folder: string): Promise<void> {
  for (let looks = 0; looks < 50; looks += 1) {
    try {
      await rmdir(folder)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    }
    const pids = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')
    for (const pid of pids.trim().split('\n')) kill(Number(pid))
    await delay(100)
  }
}

function kill(pid: number): void {
  try {
    if (pid > 1) process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

/** What the runner may change of the hosts, by their groups. */
export function groupControl({ app, db }: HostGroups): HostControl {
  const groupOf = (name: string): CpuGroup => (name === 'db' ? db : app)
  return {
    // Each `open` starts a process of its own.
    restartArm: () => Promise.resolve(new Date().toISOString()),
    limitsOf: (name) => groupOf(name).limits(),
    // These groups are of the CPU controller alone.
    otherLimitsOf: () => Promise.resolve({}),
    setLimits: (name, limits) => groupOf(name).setLimits(limits),
  }
}

/** The same counters, with the periods in which the groups were throttled. */
export function withPeriods(observer: Observer, groups: HostGroups): Observer {
  const ofGroup = async (part: PartCounters | undefined, group: CpuGroup) =>
    part === undefined
      ? undefined
      : {
          ...part,
          ...(await group.periods().catch(() => null)),
          ...(await group.limits().then(
            (cpuLimit) => ({ cpuLimit }),
            () => null,
          )),
        }
  return {
    read: async (moment) => {
      const { app, db, ...others } = await observer.read(moment)
      const limited = {
        app: await ofGroup(app, groups.app),
        db: await ofGroup(db, groups.db),
      }
      return {
        ...others,
        ...(limited.app ? { app: limited.app } : {}),
        ...(limited.db ? { db: limited.db } : {}),
      }
    },
  }
}
