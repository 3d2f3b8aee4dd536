import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { waitUntilAnswering } from '../database.ts'
import { freePort } from './arm-process.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { ANYWHERE, type Placement, spawnPlaced } from './cores.ts'
import { guard } from './guard.ts'
import { checkUserName, temporaryFolder, whyNotRun } from './places.ts'
import { removeSegment } from './shared-memory.ts'

export type StartedPostgres = Readonly<{
  /** Of the superuser, to the database `postgres`. */
  url: string
  port: number
  pid: number
  /** What the server wrote, connections included. */
  logFile: string
  /** How it ended by itself; null while it runs. */
  died(): string | null
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}>

type StartOptions = Readonly<{
  settings?: Readonly<Record<string, string>>
  binaries?: Binaries
  placement?: Placement
  signal?: AbortSignal | undefined
}>

/**
 * A real PostgreSQL server of its own: a temporary data folder, a free port on loopback, a password of
 * the moment. Stopped and removed with `stop`, and by the guard if this process dies first.
 *
 * @param options.settings server settings over the defaults, as in postgresql.conf
 * @param options.binaries another server than the one that npm installed
 * @param options.placement where it runs, with the processes of its connections
 * @throws with the end of the server's log if it does not start
 */
export async function startPostgres(options: StartOptions = {}): Promise<StartedPostgres> {
  checkUserName()
  const folder = await temporaryFolder()
  guard().watchFolder(folder)
  try {
    const owner = await serverUser(folder)
    const binaries = options.binaries ?? (await findBinaries(folder))
    const password = randomBytes(18).toString('base64url')
    await initialise(binaries, folder, password, owner)
    options.signal?.throwIfAborted()
    return await serve(binaries, folder, password, owner, options)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

type Owner = Readonly<{ uid?: number; gid?: number }>

/** PostgreSQL refuses to run as root: then it runs as `nobody`, who owns the folder. */
async function serverUser(folder: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return {}
  const nobody = /^nobody:[^:]*:(\d+):(\d+):/m.exec(await readFile('/etc/passwd', 'utf8'))
  const [uid, gid] = [Number(nobody?.[1] ?? 65_534), Number(nobody?.[2] ?? 65_534)]
  await chown(folder, uid, gid)
  return { uid, gid }
}

async function initialise(
  binaries: Binaries,
  folder: string,
  password: string,
  owner: Owner,
): Promise<void> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (owner.uid !== undefined) await chown(passwordFile, owner.uid, owner.gid ?? owner.uid)
  const flags = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=md5', '--encoding=UTF8']
  const child = spawn(
    binaries.initdb,
    [`--pgdata=${join(folder, 'data')}`, ...flags, '--locale=C', '--no-sync'],
    {
      ...owner,
      cwd: folder,
      env: { LC_ALL: 'C' },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A group of its own: Ctrl-C does not reach it, and the guard can wait for all of it.
      detached: true,
    },
  )
  const pid = child.pid ?? 0
  if (pid > 0) guard().awaitGroup(pid)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = once(child, 'close').catch(async (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EACCES') throw cause
    const uid = owner.uid ?? process.getuid?.() ?? 0
    throw new Error(await whyNotRun(binaries.initdb, uid), { cause })
  })
  const [code] = (await ended) as [number | null]
  guard().forgetProcess(pid)
  await rm(passwordFile)
  if (code !== 0) throw new Error(`initdb ended with ${code}: ${said.trim()}`)
}

async function serve(
  binaries: Binaries,
  folder: string,
  password: string,
  owner: Owner,
  { settings = {}, placement = ANYWHERE, signal }: StartOptions,
): Promise<StartedPostgres> {
  const port = await freePort()
  const logFile = join(folder, 'log', 'postgresql.log')
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    logging_collector: 'on',
    log_directory: join(folder, 'log'),
    log_filename: 'postgresql.log',
    log_rotation_age: '0',
    log_rotation_size: '0',
    log_connections: 'on',
    ...settings,
  }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = await spawnPlaced(
    placement,
    [binaries.postgres, '-D', join(folder, 'data'), '-p', String(port), ...flags],
    { ...owner, cwd: folder, env: { LC_ALL: 'C' }, stderr: 'ignore', detached: true },
  )
  const pid = child.pid ?? 0
  guard().watchProcess(pid)
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
  const stop = (): Promise<void> => end(child, folder)
  const gaveUp = (): boolean => hasEnded(child)
  try {
    await waitUntilAnswering(url, { withinMs: 30_000, gaveUp, signal })
  } catch (cause) {
    if (signal?.aborted === true) {
      await stop()
      throw cause
    }
    const log = await readFile(logFile, 'utf8').catch(() => '(no log)')
    await stop()
    throw new Error(`The embedded PostgreSQL did not start. Its log ends:\n${log.slice(-2000)}`, {
      cause,
    })
  }
  const died = (): string | null =>
    hasEnded(child)
      ? `the database server ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`
      : null
  return { url, port, pid, logFile, died, stop, [Symbol.asyncDispose]: stop }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null

/**
 * SIGINT is PostgreSQL's fast shutdown: open sessions are ended, data is flushed. SIGQUIT is its immediate
 * one. A server that was stopped (SIGSTOP) heeds only SIGKILL; its children end when they miss it.
 */
async function end(child: ChildProcess, folder: string): Promise<void> {
  if (!hasEnded(child)) {
    const closed = once(child, 'exit')
    child.kill('SIGINT')
    const timers = [
      setTimeout(() => child.kill('SIGQUIT'), 5_000),
      setTimeout(() => child.kill('SIGKILL'), 8_000),
    ]
    await closed
    for (const timer of timers) clearTimeout(timer)
    await removeSegment(join(folder, 'data'))
  }
  guard().forgetProcess(child.pid ?? 0)
  await rm(folder, { recursive: true, force: true })
}
