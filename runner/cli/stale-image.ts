import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Is the runner in its image another than the one in the checkout? `docker compose up` does not build
 * again what was built once, so a change may be measured that is not there.
 *
 * @param kit the root of the kit in the image
 * @param source the checkout, as mounted
 * @returns a warning with its remedy, or null
 */
export async function staleImageWarning(kit: string, source: string): Promise<string | null> {
  const files = (await readdir(join(kit, 'runner'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(kit.length))
  const all = [...files, 'compose.yaml', 'services/contract.yaml', 'sql/schema.sql', 'sql/seed.sql']
  for (const file of all) {
    const [built, checkedOut] = await Promise.all(
      [kit, source].map((root) => readFile(join(root, file)).catch(() => null)),
    )
    if (built && checkedOut?.equals(built)) continue
    return `The images are not of this checkout (${file} differs): run \`docker compose build\`.`
  }
  return null
}
