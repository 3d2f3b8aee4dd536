import { constants } from 'node:fs'
import { lstat, open } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

/**
 * Reads a text file of a folder that others may have written: no link (nor a folder on the way to it that is
 * one), no pipe or device, and no more than so much, whatever its size is said to be.
 *
 * @param path of the file
 * @param within the folder from which on no link is followed
 * @throws with the code of the system, or a sentence
 */
export async function readPlain(
  path: string,
  maxBytes: number,
  within = dirname(path),
): Promise<string> {
  let folder = within
  for (const part of relative(within, dirname(path)).split(sep).filter(Boolean)) {
    folder = join(folder, part)
    if (!(await lstat(folder)).isDirectory()) throw new Error(linkText(folder))
  }
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      throw error.code === 'ELOOP' ? new Error(linkText(path), { cause: error }) : error
    },
  )
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is not a file.`)
    const pieces: Buffer[] = []
    let bytes = 0
    // Its last byte would be one too many. A size can be wrong, and a file can grow while it is read.
    for await (const piece of file.createReadStream({ end: maxBytes, autoClose: false })) {
      pieces.push(piece as Buffer)
      bytes += (piece as Buffer).length
    }
    if (bytes > maxBytes) {
      throw new Error(`${path} has more than ${Math.round(maxBytes / 2 ** 20)} MiB.`)
    }
    return Buffer.concat(pieces).toString('utf8')
  } finally {
    await file.close()
  }
}

const linkText = (path: string): string => `${path} is a link, and links are not followed here.`
