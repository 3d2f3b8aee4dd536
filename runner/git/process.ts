import { promises } from 'node:fs'
import * as git from 'isomorphic-git'
import type { Environment } from '../measurement/environment.ts'

/** Columns of a status row: file, HEAD, work tree, stage. Unchanged is 1, 1, 1. */
type Row = Awaited<ReturnType<typeof git.statusMatrix>>[number]

/** The library refreshes the index as it reads it: that of a user's checkout is not ours to write. */
const READ_ONLY = { promises: { ...promises, writeFile: async () => {} } }

/**
 * The commit of the checkout at `folder`, and whether it was changed; nulls where there is none. Read by a
 * library: the container of the runner has no git, and needs none for this alone.
 */
export async function readGitState(folder: string): Promise<Environment['git']> {
  const at = { fs: READ_ONLY, dir: folder }
  try {
    const commit = await git.resolveRef({ ...at, ref: 'HEAD' })
    const rows = await git.statusMatrix({ ...at, filter: (path) => !path.startsWith('results') })
    const changed = ([, head, tree, stage]: Row): boolean => head !== 1 || tree !== 1 || stage !== 1
    return { commit, dirty: rows.some(changed) }
  } catch {
    return { commit: null, dirty: null }
  }
}

// The reader, in a process of its own: see state.ts.
process.send?.(await readGitState(process.argv[2] ?? '.'))
