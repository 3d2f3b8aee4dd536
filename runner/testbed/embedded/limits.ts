import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Observer, PartCounters } from '../../telemetry/counters.ts'
import type { HostControl, HostLimits } from '../testbed.ts'
import { CONTROLS, limitsHad, ownQuota, type Place, usablePlaces } from './cgroup.ts'

/** Processes that share one CPU limit: a folder of the kernel's CPU controller (cgroup v1 or v2). */
export type CpuGroup = Readonly<{
  folder: string
  /** Puts a process into the group, with all that it starts from now on. */
  add(pid: number): Promise<void>
  /** The limit of the group itself, also where a group above it has less; null without a limit. */
  limits(): Promise<HostLimits | null>
  /** @throws with the remedy, if another limit is read back than was set */
  setLimits(limits: HostLimits): Promise<void>
  /** CFS periods so far, and how many of them ended in throttling; null without a limit. */
  periods(): Promise<Pick<PartCounters, 'periods' | 'throttledPeriods'> | null>
}>

/** The application's host and the database's, where there is no container to limit them. */
export type HostGroups = Readonly<{
  app: CpuGroup
  db: CpuGroup
  /** Cores that both and the runner share, where they have fewer than the machine; null: they have not. */
  mostCores: number | null
  remove(): Promise<void>
}>

const NAME = /^samehost-(\d+)-/
let made = 0

/**
 * Two groups of this process's own, with no limit yet. The groups of a runner that was killed are removed.
 *
 * @param watch is given each folder as soon as it is there
 * @returns null where this user may make none, put no process into it, or limit nothing by it
 */
export async function openHostGroups(watch: (folder: string) => void): Promise<HostGroups | null> {
  for (const place of await usablePlaces()) {
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
    cpuGroup({ ...place, folder: join(place.folder, `${name}-${part}`) }),
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
    await proveLimitable(app, place)
    return { app, db, mostCores: await ownQuota(), remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/** @param place of a group that is there */
export function cpuGroup(place: Place): CpuGroup {
  const { version, folder } = place
  const limits = (): Promise<HostLimits | null> => limitsHad(place)
  return {
    folder,
    add: (pid) => writeFile(join(folder, 'cgroup.procs'), String(pid)),
    limits,
    setLimits: async ({ cores, periodUs }) => {
      const quotaUs = Math.round(cores * periodUs)
      await CONTROLS[version].write(folder, quotaUs, periodUs).catch((cause: unknown) => {
        const { code = 'no reason' } = cause as NodeJS.ErrnoException
        const asked = `${cores} cores by ${periodUs} us`
        throw new Error(
          `The kernel does not limit ${folder} to ${asked} (${code}): it takes a quota from 1000 us on, and ` +
            'none above that of the group around it. Give another --hosts.',
          { cause },
        )
      })
      const now = await limits()
      if (now?.periodUs === periodUs && Math.round(now.cores * periodUs) === quotaUs) return
      const found = now === null ? 'no limit' : `${now.cores} cores by ${now.periodUs} us`
      throw new Error(
        `${folder} was given ${cores} cores by ${periodUs} us and has ${found}. Does a group around it have ` +
          'fewer? Give another --hosts.',
      )
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

/** Proves that a process can be moved into the group: this depends on where this process is. */
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

/** Proves that the group can be limited: a kernel may have the files and not the means. @throws where not */
async function proveLimitable(group: CpuGroup, { version }: Place): Promise<void> {
  await group.setLimits({ cores: 0.01, periodUs: 100_000 })
  await CONTROLS[version].clear(group.folder)
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

/** Ends the processes that are still in the group, and removes it if it is there. */
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

/** All arms have one group, one after another: it holds the limit that was set last, for whichever arm. */
type GroupControl = HostControl & Readonly<{ lastSet(name: string): HostLimits | null }>

/** What the runner may change of the hosts, by their groups. */
export function groupControl({ app, db, mostCores }: HostGroups): GroupControl {
  const groupOf = (name: string): CpuGroup => (name === 'db' ? db : app)
  const set = new Map<string, HostLimits>()
  return {
    ...(mostCores === null ? {} : { mostCores }),
    // Each `open` starts a process of its own.
    restartArm: () => Promise.resolve(new Date().toISOString()),
    limitsOf: (name) => groupOf(name).limits(),
    // These groups are of the CPU controller alone.
    otherLimitsOf: () => Promise.resolve({}),
    setLimits: async (name, limits) => {
      await groupOf(name).setLimits(limits)
      set.set(name, limits)
    },
    lastSet: (name) => set.get(name) ?? null,
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
