import { readScenario, type ScenarioSource } from '../scenario/scenario.ts'
import { measureIdleDelay } from './event-loop.ts'
import { type ClosedOptions, startClosed } from './closed.ts'
import type { Load } from './load.ts'
import { packWindow } from './loaders-merge.ts'
import type { Answers, Ask, FromLoader, ToLoader } from './loaders-protocol.ts'

// One loader: a process that holds a share of the users, driven over Node's channel to its parent.

/** What is asked for while its scenario is read waits for it, in the order in which it was asked. */
let load: Promise<Load> | undefined

/** @throws Error before `start` */
async function current(): Promise<Load> {
  if (load === undefined) throw new Error('there is no load yet')
  return await load
}

async function start(
  options: Omit<ClosedOptions, 'journey'>,
  source: ScenarioSource,
): Promise<Load> {
  const { journey } = await readScenario(source)
  return startClosed({ ...options, journey })
}

async function answer(ask: Ask): Promise<Answers[Ask['kind']]> {
  switch (ask.kind) {
    case 'idle-delay':
      return await measureIdleDelay()
    case 'start':
      load = start(ask.options, ask.scenario)
      await load
      return null
    case 'apply':
      return await (await current()).apply(ask.level)
    case 'open-window':
      ;(await current()).openWindow()
      return null
    case 'close-window': {
      const window = packWindow(await (await current()).closeWindow())
      return { window, memoryBytes: process.memoryUsage.rss() }
    }
    case 'seconds':
      return await (await current()).seconds()
    case 'drop-window':
      ;(await current()).dropWindow()
      return null
    case 'usage': {
      const { user, system } = process.cpuUsage()
      return { cpuUs: user + system, memoryBytes: process.memoryUsage.rss() }
    }
    case 'stop': {
      const ended = await current()
      await ended.stop()
      load = undefined
      return ended.totals()
    }
    default:
      return ask satisfies never
  }
}

function reply(message: FromLoader): void {
  // A parent that is gone needs no answer: without the callback, that would be an error event.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

process.on('message', ({ id, ask }: ToLoader) => {
  answer(ask).then(
    (value) => reply({ id, value }),
    (error: unknown) =>
      reply({ id, error: error instanceof Error ? error.message : String(error) }),
  )
})
// A terminal sends its signals to the whole group: the parent decides when this ends, with its totals.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
// The parent is gone, however it went.
process.on('disconnect', () => process.exit(0))
