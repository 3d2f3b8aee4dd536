import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/**
 * A process that outlives this one just long enough to clean up after it. It holds the read end of a
 * pipe; when this process ends in whatever way, SIGKILL included, the pipe closes, and the guard ends
 * what was entrusted to it. A handler inside this process could not promise that.
 */
export type Guard = Readonly<{
  watchProcess(pid: number): void
  /** The leader of a group that ends by itself soon, and in order only if it is let. */
  awaitGroup(pid: number): void
  watchFolder(path: string): void
  /** A CPU group: what is still in it is ended. */
  watchGroup(folder: string): void
  forgetProcess(pid: number): void
}>

let started: Guard | undefined

export function guard(): Guard {
  started ??= startGuard()
  return started
}

function startGuard(): Guard {
  const script = fileURLToPath(new URL('guard-process.ts', import.meta.url))
  // Detached: a Ctrl-C in the terminal reaches the whole foreground group, and must not reach it.
  const child = spawn(process.execPath, [script], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  const pipe = child.stdin
  // A guard that was killed leaves the run without a net, not without a run.
  pipe.on('error', () => {})
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref()
  const tell = (word: string, value: string | number): void => {
    pipe.write(`${word} ${value}\n`)
  }
  return {
    watchProcess: (pid) => tell('process', pid),
    awaitGroup: (pid) => tell('await', pid),
    watchFolder: (path) => tell('folder', path),
    watchGroup: (folder) => tell('group', folder),
    forgetProcess: (pid) => tell('forget', pid),
  }
}
