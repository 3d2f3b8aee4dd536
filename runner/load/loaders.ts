import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ScenarioSource } from '../scenario/scenario.ts'
import type { ClosedOptions } from './closed.ts'
import type { Load, SignIns } from './load.ts'
import { mergeSeconds, mergeWindows, unpackWindow } from './loaders-merge.ts'
import type { Answers, Ask, FromLoader, ProcessUsage } from './loaders-protocol.ts'
import type { OrderTotals } from './orders.ts'

/** Processes that share the users of a load, since one event loop drives some 2,000 of them. */
export type Loaders = Readonly<{
  count: number
  /** Process ids, in the order of the loaders. */
  pids: readonly number[]
  /**
   * A load whose users are shared among the processes, each with the journeys and pauses that it would
   * have with one process alone.
   *
   * @param urlOf the base URL for each loader, where they are not to meet at one server
   */
  start(options: SharedOptions, urlOf?: (loader: number) => string): Load
  /** Of all of them together. */
  usage(): Promise<ProcessUsage>
  /** @throws Error, why one of them is gone, if one is: its share of any further load would be missing */
  check(): void
  [Symbol.asyncDispose](): Promise<void>
}>

type SharedOptions = Omit<ClosedOptions, 'journey' | 'places'> &
  Readonly<{
    /** The scenario whose journey the users take. */
    scenario: ScenarioSource
  }>

/** ms. Beyond what an answer takes by itself: a process that is stopped must not hold the run for ever. */
const ANSWER_WITHIN_MS = 30_000
/** ms. For a loader that is let go to end by itself. */
const END_WITHIN_MS = 5_000

/** Starts `count` loaders. @throws Error if one of them does not start */
export async function startLoaders(
  count: number,
  answerWithinMs = ANSWER_WITHIN_MS,
): Promise<Loaders> {
  const all = Array.from({ length: count }, (_, index) =>
    startLoader(`Loader ${index + 1} of ${count}`, answerWithinMs),
  )
  const dispose = async (): Promise<void> => {
    await Promise.all(all.map((loader) => loader.end()))
  }
  try {
    const idleMs = await Promise.all(all.map((loader) => loader.ask({ kind: 'idle-delay' })))
    return {
      count,
      pids: all.map(({ pid }) => pid),
      start: (options, urlOf) => loadOver(all, idleMs, options, urlOf),
      async usage() {
        const parts = await each(all, (loader) => loader.ask({ kind: 'usage' }))
        return {
          cpuUs: parts.reduce((sum, { cpuUs }) => sum + cpuUs, 0),
          memoryBytes: parts.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
        }
      },
      check() {
        for (const loader of all) loader.check()
      },
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** Place `p` is of loader `p % count`: each has its share at every number of users. */
const shareOf = (users: number, loader: number, count: number): number =>
  Math.max(0, Math.ceil((users - loader) / count))

function loadOver(
  loaders: readonly Loader[],
  idleMs: readonly number[],
  { scenario, ...options }: SharedOptions,
  urlOf: (loader: number) => string = () => options.url,
): Load {
  const count = loaders.length
  let users = 0
  let totals: OrderTotals | undefined
  /** Why the orders of all cannot be counted. */
  let failure = new Error(`Orders of ${count} loaders are counted when they have stopped.`)
  /** What was asked for and is not waited for: what went wrong is thrown by the next that waits. */
  let pending: Promise<void> = Promise.resolve()
  function order(ask: (index: number) => Ask): void {
    const asked = each(loaders, (loader, index) => loader.ask(ask(index)))
    pending = both(pending, asked)
    pending.catch(() => {})
  }
  order((index) => ({
    kind: 'start',
    scenario,
    options: { ...options, url: urlOf(index), places: { first: index, step: count } },
  }))
  let stopped: Promise<void> | undefined

  async function stop(): Promise<void> {
    try {
      await pending.catch(() => {})
      const stops = loaders.map((loader) => loader.ask({ kind: 'stop' }))
      // Those that answer have stopped, whatever became of the others.
      await Promise.allSettled(stops)
      totals = sumTotals(await Promise.all(stops))
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error))
    }
  }

  return {
    async apply(level) {
      users = level.users
      await pending
      // Each sign-in may take as long as any request, and they come a few at a time.
      const allowedMs = options.signIn ? level.users * options.timeoutMs : 0
      const parts = await each(loaders, (loader, index) =>
        loader.ask(
          { kind: 'apply', level: { users: shareOf(level.users, index, count) } },
          allowedMs,
        ),
      )
      return parts.reduce(addSignIns, null)
    },
    // What goes wrong in it is thrown where the window is closed.
    openWindow: () => order(() => ({ kind: 'open-window' })),
    async closeWindow() {
      const closing = each(loaders, (loader) =>
        loader.ask({ kind: 'close-window' }, options.timeoutMs),
      )
      const [, parts] = await Promise.all([pending, closing])
      return mergeWindows(
        parts.map(({ window, memoryBytes }, index) => ({
          window: unpackWindow(window),
          users: shareOf(users, index, count),
          idleDelayP99Ms: idleMs[index] ?? Number.NaN,
          memoryBytes,
        })),
      )
    },
    async seconds() {
      const asking = each(loaders, (loader) => loader.ask({ kind: 'seconds' }))
      const [, parts] = await Promise.all([pending, asking])
      // A second that one of them has not ended yet is no whole second of all.
      const ended = Math.min(...parts.map((seconds) => seconds.length))
      return mergeSeconds(parts).slice(0, ended)
    },
    dropWindow: () => order(() => ({ kind: 'drop-window' })),
    totals() {
      if (totals !== undefined) return totals
      throw failure
    },
    stop: () => (stopped ??= stop()),
  }
}

/** Each of them is waited for from the start, whatever becomes of the other: none fails unseen. */
async function both(one: Promise<unknown>, other: Promise<unknown>): Promise<void> {
  await Promise.all([one, other])
}

const each = <T>(
  loaders: readonly Loader[],
  ask: (loader: Loader, index: number) => Promise<T>,
): Promise<T[]> => Promise.all(loaders.map(ask))

function addSignIns(sum: SignIns | null, part: SignIns | null): SignIns | null {
  if (sum === null || part === null) return sum ?? part
  return {
    succeeded: sum.succeeded + part.succeeded,
    failed: sum.failed + part.failed,
    totalMs: sum.totalMs + part.totalMs,
  }
}

const sumTotals = (parts: readonly OrderTotals[]): OrderTotals => {
  const total = (of: (part: OrderTotals) => number): number =>
    parts.reduce((sum, part) => sum + of(part), 0)
  return {
    ordersAcknowledged: total((part) => part.ordersAcknowledged),
    ordersInDoubt: total((part) => part.ordersInDoubt),
    quantityAcknowledged: total((part) => part.quantityAcknowledged),
    quantityInDoubt: total((part) => part.quantityInDoubt),
  }
}

type Loader = Readonly<{
  pid: number
  /** @param allowedMs what the answer may take by itself */
  ask<K extends Ask['kind']>(
    ask: Extract<Ask, { kind: K }>,
    allowedMs?: number,
  ): Promise<Answers[K]>
  check(): void
  end(): Promise<void>
}>

type Waiting = Readonly<{ resolve(value: unknown): void; reject(error: Error): void }>

function startLoader(name: string, answerWithinMs: number): Loader {
  const entry = fileURLToPath(new URL('./loaders-process.ts', import.meta.url))
  const child = fork(entry, [], { serialization: 'advanced' })
  const waiting = new Map<number, Waiting>()
  let asked = 0
  let ended: Error | undefined

  child.on('message', (message: FromLoader) => {
    const asker = waiting.get(message.id)
    waiting.delete(message.id)
    if ('error' in message) asker?.reject(new Error(`${name}: ${message.error}`))
    else asker?.resolve(message.value)
  })
  const fail = (what: string): void => {
    ended ??= new Error(
      `${name} ${what}: its requests are lost, and its orders cannot be audited. ` +
        'Measure again; where memory was short, with fewer users for each loader.',
    )
    for (const asker of waiting.values()) asker.reject(ended)
    waiting.clear()
  }
  // A message to one that has just ended is an error too: how it ended is known by its exit.
  child.on('error', (error) => {
    if (child.pid === undefined) fail(`ended (${error.message})`)
  })
  child.on('exit', (code, signal) => fail(`ended (${signal ?? `exit code ${code}`})`))

  return {
    pid: child.pid ?? Number.NaN,
    ask(ask, allowedMs = 0) {
      const id = asked++
      return new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended)
        const withinMs = answerWithinMs + allowedMs
        const timer = setTimeout(() => {
          fail(`(process ${child.pid}) did not answer "${ask.kind}" within ${withinMs / 1000} s`)
          // What wakes up later would put its users on whatever is measured then.
          child.kill('SIGKILL')
        }, withinMs)
        waiting.set(id, {
          resolve: (value) => {
            clearTimeout(timer)
            // The loader answers each ask with its kind of value: loaders-process.ts.
            resolve(value as never)
          },
          reject: (error) => {
            clearTimeout(timer)
            reject(error)
          },
        })
        child.send({ id, ask })
      })
    },
    check() {
      if (ended !== undefined) throw ended
    },
    end: () => letGo(child),
  }
}

async function letGo(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  if (child.connected) child.disconnect()
  const giveUp = new AbortController()
  await Promise.race([exited, delay(END_WITHIN_MS, undefined, { signal: giveUp.signal })])
  giveUp.abort()
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await exited
  }
}
