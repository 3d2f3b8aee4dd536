import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TOKEN_SECRET } from './client.ts'

const entry = (service: string): string =>
  fileURLToPath(new URL(`../../../services/${service}/main.ts`, import.meta.url))
const ENTRY = entry('commerce')

export type StartedService = Readonly<{
  url: string
  process: ChildProcess
  /** Lines of its log so far. */
  log: readonly string[]
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number | null>
  [Symbol.asyncDispose](): Promise<void>
}>

/** Starts the service as a process of its own, on a free port, and waits until it listens. */
export const startService = (env: Readonly<Record<string, string>>): Promise<StartedService> =>
  start(ENTRY, env)

/** The same of the floor. */
export const startFloor = (env: Readonly<Record<string, string>>): Promise<StartedService> =>
  start(entry('floor'), env)

async function start(
  program: string,
  env: Readonly<Record<string, string>>,
): Promise<StartedService> {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], HOST: '127.0.0.1', PORT: '0', TOKEN_SECRET, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(child, 'exit')
  const log: string[] = []
  const { promise: port, resolve, reject } = Promise.withResolvers<number>()
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line)
    const found = /"message":"listening".*?"port":(\d+)/.exec(line)
    if (found) resolve(Number(found[1]))
  })
  void exited.then(() => reject(new Error(`the service ended: ${log.join('\n')}`)))

  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    await exited
    return child.exitCode
  }
  return {
    url: `http://127.0.0.1:${await port}`,
    process: child,
    log,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

/** Runs the service until it ends by itself. */
export async function runService(
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [ENTRY], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await once(child, 'close')
  return { code: child.exitCode, said }
}
