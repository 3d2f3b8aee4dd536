import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import { readPlain } from '../foreign/file.ts'

const [compress, decompress] = [promisify(gzip), promisify(gunzip)]

/** The files of a run, wherever they lie: in its folder, or in a bundle. */
export type RunFiles = Readonly<{
  /**
   * @param name path within the run, such as `run.json`
   * @throws where there is no such file, or it has more than `maxBytes`
   */
  read(name: string, maxBytes: number): Promise<string>
}>

/** What the name of a bundle ends in. */
const SUFFIX = '.tar.gz'
/** The largest run of record has 2 MB within: a bundle that inflates beyond this is no run. */
const MAX_INFLATED_BYTES = 256 * 2 ** 20
const MAX_FILES = 10_000
/** `run.json`, or a file in histograms/: nothing that leads out of a folder. */
const PATH = /^(?:histograms\/)?[\w-][\w.-]*$/

/**
 * Where a run is: a folder or a bundle by its path, or a run of record by its name alone.
 *
 * @param records folder of the bundles of record
 */
export function placeOf(given: string, records: string): string {
  const record = join(records, `${given}${SUFFIX}`)
  return !existsSync(given) && basename(given) === given && existsSync(record) ? record : given
}

export const isBundle = (path: string): boolean => path.endsWith(SUFFIX)

/** The name of a run of record: that of its file without what it ends in. */
export const nameOfBundle = (path: string): string => basename(path, SUFFIX)

/** @param path of a folder or a bundle @throws where a bundle cannot be read */
export async function openRunFiles(path: string): Promise<RunFiles> {
  if (!isBundle(path))
    return { read: (name, maxBytes) => readPlain(join(path, name), maxBytes, path) }
  const files = await readBundle(path)
  return {
    read: (name) => {
      const content = files.get(name)
      return content === undefined
        ? Promise.reject(new Error(`${path} holds no ${name}.`))
        : Promise.resolve(content)
    },
  }
}

/**
 * One compressed file (tar, gzip) of what was measured, without what `report` makes from it: the same files
 * give the same bytes.
 *
 * @param folder of the run
 */
export async function bundleOf(folder: string): Promise<Buffer> {
  const histograms = await readdir(join(folder, 'histograms'))
  const names = ['run.json', 'telemetry.csv', ...histograms.map((name) => `histograms/${name}`)]
  const tar = pack()
  for (const name of names.toSorted())
    tar.entry({ name, mtime: new Date(0) }, await readFile(join(folder, name), 'utf8'))
  tar.finalize()
  return await compress(await buffer(tar), { level: 9 })
}

/** SHA-256 in hexadecimal, as the index has it for each bundle. */
export const digestOf = (bundle: Buffer): string =>
  createHash('sha256').update(bundle).digest('hex')

/** Writes the files of a bundle into a folder that is made for them. @throws where it exists */
export async function unpack(path: string, folder: string): Promise<void> {
  const files = await readBundle(path)
  await mkdir(join(folder, 'histograms'), { recursive: true })
  for (const [name, content] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content, { flag: 'wx' })
  }
}

async function readBundle(path: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  try {
    const tar = extract()
    tar.end(await decompress(await readFile(path), { maxOutputLength: MAX_INFLATED_BYTES }))
    for await (const entry of tar) {
      const { name, type } = entry.header
      if (type !== 'file' || !PATH.test(name)) throw new Error(`${name} is no file of a run`)
      if (files.size >= MAX_FILES) throw new Error(`it holds more than ${MAX_FILES} files`)
      files.set(name, await text(entry))
    }
  } catch (cause) {
    throw new Error(`${path} is no bundle of a run: ${String(cause)}.`, { cause })
  }
  return files
}
