import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Environment } from './measurement/environment.ts'

const run = promisify(execFile)

/** The commit of the checkout at `folder`, and whether it was changed; nulls where git cannot tell. */
export async function gitState(folder: string): Promise<Environment['git']> {
  // The folder may belong to another user than the one who runs this, which git would refuse.
  const git = async (...args: string[]): Promise<string> => {
    const all = ['-c', `safe.directory=${folder}`, '-C', folder, ...args]
    return (await run('git', all, { env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } })).stdout
  }
  try {
    const commit = (await git('rev-parse', 'HEAD')).trim()
    const dirty = (await git('status', '--porcelain', '--', ':!results')).trim() !== ''
    return { commit, dirty }
  } catch {
    return { commit: null, dirty: null }
  }
}
