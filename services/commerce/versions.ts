import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** What really runs: the versions found installed, not those asked for. */
export type Versions = Readonly<Record<'node' | Library, string>>

type Library = 'hono' | '@hono/node-server' | 'kysely' | 'pg'

export function installedVersions(): Versions {
  return {
    node: process.versions.node,
    hono: installed('hono'),
    '@hono/node-server': installed('@hono/node-server'),
    kysely: installed('kysely'),
    pg: installed('pg'),
  }
}

function installed(library: Library): string {
  const path = findPackageJSON(library, import.meta.url)
  if (path === undefined) throw new Error(`${library} is not installed: run npm ci`)
  const { version }: { version: string } = JSON.parse(readFileSync(path, 'utf8'))
  return version
}
