import { randomBytes } from 'node:crypto'
import { close, fsync, openSync, rmSync, writeFile } from 'node:fs'
import { lstat, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'

const [write, flush, shut] = [promisify(writeFile), promisify(fsync), promisify(close)]

/** Written and not yet renamed. A process that must end at once takes them with it. */
const unfinished = new Set<string>()
process.on('exit', () => {
  for (const path of unfinished) rmSync(path, { force: true })
})

/**
 * Writes a file so that a reader, or a crash, meets the old one or the new one and never a half: written
 * aside, flushed to the disk, renamed. The folder may be shared with others: the file aside has a name that
 * nobody knows before and is made for this, and a link in the place of `path` is replaced, not followed.
 *
 * @throws with the remedy where the disk is full or the folder may not be written in
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  const aside = `${path}.${randomBytes(8).toString('hex')}.part`
  unfinished.add(aside)
  try {
    const file = await openNew(aside)
    try {
      await write(file, content)
      await flush(file)
    } finally {
      await shut(file)
    }
    await rename(aside, path)
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {})
    throw new Error(remedyFor(path, cause), { cause })
  } finally {
    unfinished.delete(aside)
  }
}

/** Times, and ms between them, to wait for a descriptor: those that are short now come back. */
const [LOOKS, LOOK_MS] = [50, 100]

/** At once, and by this thread: another thread could make the file after this process has ended. */
async function openNew(path: string): Promise<number> {
  for (let looks = 1; ; looks += 1) {
    try {
      return openSync(path, 'wx')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if ((code !== 'EMFILE' && code !== 'ENFILE') || looks >= LOOKS) throw error
      await delay(LOOK_MS)
    }
  }
}

/**
 * Makes a folder, and those above it that are missing. `mkdir` of Node with `recursive` never ends where
 * nothing can be made although all above is there, as in /proc.
 *
 * @throws with the code of the system
 */
export async function makeFolders(path: string): Promise<void> {
  const parent = dirname(path)
  const isMissing = async (): Promise<boolean> => (await stat(parent).catch(() => null)) === null
  try {
    await mkdir(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || parent === path || !(await isMissing())) throw error
    await makeFolders(parent)
    await mkdir(path).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again
    })
  }
}

/**
 * Makes a folder within a folder that may be shared with others.
 *
 * @throws where it is a link, which may lead anywhere
 */
export async function makeInside(folder: string, name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw new Error(remedyFor(path, error), { cause: error })
  })
  const found = await lstat(path)
  if (found.isDirectory()) return path
  const what = found.isSymbolicLink() ? 'a link, and links are not followed here' : 'not a folder'
  throw new Error(`${path} is ${what}. Move it away.`)
}

export function remedyFor(path: string, cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full at ${path}. Free some space and continue with --resume.`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path} may not be written. Give yourself the right, or name another folder with --out.`
    // Node answers ENOENT where it may not make a folder on a read-only file system.
    case 'ENOENT':
    case 'ENOTDIR':
      return `${path} cannot be made there. Look at what is above it, or name another folder with --out.`
    case 'EEXIST':
      return `${path} is there and is no folder. Name another one with --out.`
    case 'EMFILE':
    case 'ENFILE':
      return `${path} could not be opened: too many files are open. Raise the limit: \`ulimit -n\`.`
    case undefined:
    default:
      return `${path} could not be written: ${String(cause)}`
  }
}
