import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../measurement/environment.ts'

type GitState = Environment['git']

/**
 * The commit of the checkout at `folder`, and whether it was changed; nulls where there is none, or where
 * it cannot be read. Read in a process of its own: the library and the files that it looks through would
 * be memory of the runner, which is among its figures.
 */
export async function gitState(folder: string): Promise<GitState> {
  const child = fork(fileURLToPath(new URL('./process.ts', import.meta.url)), [folder])
  // After every message: the process may have ended before its word was read.
  const silent = once(child, 'disconnect').then((): [GitState] => [UNKNOWN])
  try {
    const [state] = await Promise.race([once(child, 'message') as Promise<[GitState]>, silent])
    return state
  } catch {
    return UNKNOWN
  }
}

const UNKNOWN: GitState = { commit: null, dirty: null }
