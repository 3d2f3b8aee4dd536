import { mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/**
 * A temporary folder, by its whole path: servers are started in folders of their own, where a relative one
 * would lead elsewhere.
 *
 * @throws with the remedy where TMPDIR names no folder that this user may write to
 */
export async function temporaryFolder(): Promise<string> {
  const parent = resolve(tmpdir())
  try {
    return await mkdtemp(join(parent, 'samehost-'))
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    const why =
      code === 'ENOENT' || code === 'ENOTDIR'
        ? `${parent} is no folder`
        : code === 'ENOSPC' || code === 'EDQUOT'
          ? `${parent} is full`
          : `this user may not write to ${parent} (${code})`
    throw new Error(
      `There is no place for temporary files: ${why}. Set TMPDIR to a folder that exists and can be ` +
        'written in, such as /var/tmp.',
      { cause },
    )
  }
}

/** @throws where this user has no name, without which PostgreSQL does not start */
export function checkUserName(): void {
  const uid = process.getuid?.()
  try {
    userInfo()
  } catch (cause) {
    throw new Error(
      `The user id ${uid} has no name on this machine (/etc/passwd), and PostgreSQL does not start ` +
        'without one. Run as a user that has a name, or as root (a container without --user).',
      { cause },
    )
  }
}

/**
 * Why a program may not be run, where the system says EACCES alone.
 *
 * @param uid of the user that was to run it
 */
export async function whyNotRun(program: string, uid: number): Promise<string> {
  const mount = await noexecMount(program)
  if (mount !== null) {
    return (
      `${mount} is mounted noexec: no program may be run from it, and ${program} is one. ` +
      `Set TMPDIR to a folder of another file system, such as ${await placeToRun()}; or move the checkout ` +
      'there, if it is the checkout.'
    )
  }
  const closed = await closedTo(program, uid)
  return closed === null
    ? `The user ${uid} may not run ${program}.`
    : `The user of the database server (${uid}) may not enter ${closed}. Set TMPDIR to a folder that all ` +
        `users may enter, such as ${await placeToRun()}.`
}

/** The first that is there and lets programs be run. */
async function placeToRun(): Promise<string> {
  for (const folder of ['/tmp', '/var/tmp', '/dev/shm']) {
    const isThere = await stat(folder).catch(() => null)
    if (isThere && (await noexecMount(folder)) === null) return folder
  }
  return 'one of your home folder'
}

/** The mount point that holds the path, if it forbids programs; null if not, or where no file lists the mounts. */
async function noexecMount(path: string): Promise<string | null> {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  const holding = mounts.split('\n').flatMap((line) => {
    const [, escaped = '', , options = ''] = line.split(' ')
    // proc(5): blanks and the like are written as octal numbers.
    const point = escaped.replaceAll(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    )
    const holds = path === point || path.startsWith(point === '/' ? '/' : `${point}/`)
    return holds && point !== '' ? [{ point, isClosed: options.split(',').includes('noexec') }] : []
  })
  // The innermost holds it; of several on the same point, the one that was mounted last.
  const innermost = holding.reduce<(typeof holding)[number] | null>(
    (best, each) => (best === null || each.point.length >= best.point.length ? each : best),
    null,
  )
  return innermost?.isClosed ? innermost.point : null
}

/** The outermost folder above the path that the user may not enter. */
async function closedTo(path: string, uid: number): Promise<string | null> {
  const parents: string[] = []
  for (let at = dirname(path); at !== dirname(at); at = dirname(at)) parents.unshift(at)
  for (const folder of parents) {
    const found = await stat(folder).catch(() => null)
    if (found === null) return folder
    const bit = found.uid === uid ? 0o100 : 0o001
    if ((found.mode & bit) === 0) return folder
  }
  return null
}
