import { promises } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import * as git from 'isomorphic-git'
import type { Environment } from '../measurement/environment.ts'

/** Columns of a status row: file, HEAD, work tree, stage. Unchanged is 1, 1, 1. */
type Row = Awaited<ReturnType<typeof git.statusMatrix>>[number]

/** The library refreshes the index as it reads it: that of a user's checkout is not ours to write. */
const READ_ONLY = { promises: { ...promises, writeFile: async () => {} } }

/**
 * The commit of the checkout at `folder`, and whether it was changed; nulls where it cannot be read. Read by a
 * library: the container of the runner has no git, and needs none for this alone.
 */
export async function readGitState(folder: string): Promise<Environment['git']> {
  const at = await openCheckout(folder)
  const commit = await git.resolveRef({ ...at, ref: 'HEAD' }).catch(() => null)
  if (commit === null) return { commit, dirty: null }
  // This opens every file: it can fail where the commit is known, as with few file descriptors.
  const status = git.statusMatrix({ ...at, filter: (path) => !path.startsWith('results') })
  const rows = await status.catch(() => null)
  const changed = ([, head, tree, stage]: Row): boolean => head !== 1 || tree !== 1 || stage !== 1
  return { commit, dirty: rows?.some(changed) ?? null }
}

/**
 * Where git keeps the checkout at `folder`. In a worktree, and in a submodule, `.git` is a file that says
 * where; a worktree then shares all but a few files with its repository, whose folder `commondir` names.
 * Source: gitrepository-layout(5).
 */
async function openCheckout(folder: string) {
  const pointer = await promises.readFile(join(folder, '.git'), 'utf8').catch(() => null)
  const said = /^gitdir: (.+)$/m.exec(pointer ?? '')?.[1] ?? '.git'
  const gitdir = resolve(folder, said)
  const shared = await promises.readFile(join(gitdir, 'commondir'), 'utf8').catch(() => null)
  const fs = shared === null ? READ_ONLY : sharing(gitdir, resolve(gitdir, shared.trim()))
  return { fs, dir: folder, gitdir }
}

/** What a worktree has of its own. */
const OWN = /^(HEAD|index|logs\/HEAD|refs\/(bisect|worktree|rewritten)\b.*)$/

/** The files of a worktree's folder, with those of its repository in their place. */
function sharing(gitdir: string, shared: string): typeof READ_ONLY {
  const place = (path: unknown): unknown => {
    if (typeof path !== 'string') return path
    const inside = relative(gitdir, path)
    if (inside === '' || inside.startsWith('..') || OWN.test(inside)) return path
    return join(shared, inside)
  }
  return {
    promises: new Proxy(READ_ONLY.promises, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]): unknown =>
          Reflect.apply(member, target, [place(args[0]), ...args.slice(1)])
      },
    }),
  }
}

// The reader, in a process of its own: see state.ts.
process.send?.(await readGitState(process.argv[2] ?? '.'))
