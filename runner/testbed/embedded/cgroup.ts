import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { HostLimits } from '../testbed.ts'

/** The kernel's CPU controller as files, in both versions of its interface. Source: cgroups(7), sched-bwc. */

export type Version = 1 | 2

/** A group of the controller, with the folder of the outermost group that can be seen from here. */
export type Place = Readonly<{ version: Version; folder: string; top: string }>

type Control = Readonly<{
  limitFile: string
  /** null without a limit of its own @throws where it has no such file */
  read(folder: string): Promise<HostLimits | null>
  write(folder: string, quotaUs: number, periodUs: number): Promise<void>
  clear(folder: string): Promise<void>
}>

/** How a group is read and written in each version of the interface. */
export const CONTROLS: Readonly<Record<Version, Control>> = {
  1: {
    limitFile: 'cpu.cfs_quota_us',
    read: async (folder) => {
      const quotaUs = await numberIn(folder, 'cpu.cfs_quota_us')
      const periodUs = await numberIn(folder, 'cpu.cfs_period_us')
      return quotaUs > 0 ? { cores: quotaUs / periodUs, periodUs } : null
    },
    // Without a limit between the two: a quota that was right by the old period may be none by the new one.
    write: async (folder, quotaUs, periodUs) => {
      await writeFile(join(folder, 'cpu.cfs_quota_us'), '-1')
      await writeFile(join(folder, 'cpu.cfs_period_us'), String(periodUs))
      await writeFile(join(folder, 'cpu.cfs_quota_us'), String(quotaUs))
    },
    clear: (folder) => writeFile(join(folder, 'cpu.cfs_quota_us'), '-1'),
  },
  2: {
    limitFile: 'cpu.max',
    read: async (folder) => {
      const [quota, period] = (await readFile(join(folder, 'cpu.max'), 'utf8')).trim().split(' ')
      return quota === 'max'
        ? null
        : { cores: Number(quota) / Number(period), periodUs: Number(period) }
    },
    write: (folder, quotaUs, periodUs) =>
      writeFile(join(folder, 'cpu.max'), `${quotaUs} ${periodUs}`),
    clear: (folder) => writeFile(join(folder, 'cpu.max'), 'max'),
  },
}

const numberIn = async (folder: string, file: string): Promise<number> =>
  Number(await readFile(join(folder, file), 'utf8'))

/**
 * The cores that a group can have: the least of its own limit and of those above it. Version 2 takes any number,
 * also one that a group above does not let it have.
 *
 * @returns null where none of them is limited
 */
export async function limitsHad({ version, folder, top }: Place): Promise<HostLimits | null> {
  let least = await CONTROLS[version].read(folder)
  for (let at = folder; at !== top && at.startsWith(top);) {
    at = dirname(at)
    // The outermost group of a machine has no such file.
    const above = await CONTROLS[version].read(at).catch(() => null)
    if (above !== null && (least === null || above.cores < least.cores)) least = above
  }
  return least
}

/**
 * Version 1: below this process's own group. Version 2: below the first of its ancestors, since there a
 * group has either processes or subgroups; a file in it says whether it gives CPU to its subgroups.
 *
 * @param mountinfo as in proc_pid_mountinfo(5) @param own /proc/self/cgroup, as in cgroups(7)
 * @returns its own group first, in each version
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
  if (one) {
    const top = one.folder
    found.push({ version: 1, folder: inside(one.root, top, pathOf('cpu')), top })
  }
  if (two) {
    const top = two.folder
    let folder = inside(two.root, top, pathOf(''))
    for (; folder.startsWith(top); folder = dirname(folder)) found.push({ version: 2, folder, top })
  }
  return found
}

const readOrEmpty = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

async function allPlaces(): Promise<Place[]> {
  return placesOf(await readOrEmpty('/proc/self/mountinfo'), await readOrEmpty('/proc/self/cgroup'))
}

/** Where groups may be possible on this machine, the likeliest first. */
export async function usablePlaces(): Promise<Place[]> {
  const usable: Place[] = []
  for (const place of await allPlaces()) {
    const children = await readOrEmpty(join(place.folder, 'cgroup.subtree_control'))
    if (place.version === 1 || children.trim().split(' ').includes('cpu')) usable.push(place)
  }
  return usable
}

/**
 * Cores that this process and all that it starts have together, where a container or a CI job gives it a
 * quota; null without one.
 *
 * @param places of its groups
 */
export async function ownQuota(places?: readonly Place[]): Promise<number | null> {
  let least: number | null = null
  for (const place of places ?? (await allPlaces())) {
    const had = await limitsHad(place).catch(() => null)
    if (had !== null) least = Math.min(least ?? Infinity, had.cores)
  }
  return least
}
