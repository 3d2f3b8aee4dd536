import { open, rename, rm } from 'node:fs/promises'

/**
 * Writes a file so that a reader, or a crash, meets the old one or the new one and never a half: written
 * aside, flushed to the disk, renamed.
 *
 * @throws with the remedy where the disk is full or the folder is not to be written in
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  const aside = `${path}.part`
  try {
    const file = await open(aside, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {})
    throw new Error(remedyFor(path, cause), { cause })
  }
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
    case undefined:
    default:
      return `${path} could not be written: ${String(cause)}`
  }
}
