import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SHOP } from '../kit.ts'
import { readScenario, type Scenario } from '../scenario/scenario.ts'
import { shareSecret } from '../scenario/secret.ts'
import type { Reply, Request, ServerLog } from './server/protocol.ts'

/** The server with known delays, in a process of its own. */
export type DelayServer = Readonly<{
  /** The one that it answers to. */
  scenario: Scenario
  /** http://127.0.0.1:PORT */
  url: string
  port: number
  /** What the server knows since this was last called. */
  takeLog(): Promise<ServerLog>
  inject(every: number): Promise<void>
  /** Resolves once it listens again, with the requests that were cut. */
  restart(downMs: number): Promise<number>
  [Symbol.asyncDispose](): Promise<void>
}>

/** @throws Error if the process ends before it listens */
export async function startDelayServer(): Promise<DelayServer> {
  const scenario = await readScenario(SHOP)
  // Nobody reads the tokens, but they are sent, as to a service.
  shareSecret(scenario.secret)
  const entry = fileURLToPath(new URL('./server/main.ts', import.meta.url))
  const child = fork(entry, [], { serialization: 'advanced' })
  const exited = once(child, 'exit')

  async function next<K extends Reply['kind']>(kind: K): Promise<Extract<Reply, { kind: K }>> {
    const message = await Promise.race([
      once(child, 'message').then(([received]: Reply[]) => received),
      exited.then(() => undefined),
    ])
    if (message === undefined) throw new Error(`the delay server ended before it was ${kind}`)
    if (isKind(message, kind)) return message
    throw new Error(`the delay server said ${message.kind} instead of ${kind}`)
  }

  const ask = <K extends Reply['kind']>(request: Request, kind: K) => {
    child.send(request)
    return next(kind)
  }

  const { port } = await next('listening')
  return {
    scenario,
    url: `http://127.0.0.1:${port}`,
    port,
    takeLog: async () => (await ask({ kind: 'take-log' }, 'log')).log,
    inject: async (every) => {
      await ask({ kind: 'inject', every }, 'done')
    },
    restart: async (downMs) => (await ask({ kind: 'restart', downMs }, 'restarted')).lost,
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

const isKind = <K extends Reply['kind']>(
  message: Reply,
  kind: K,
): message is Extract<Reply, { kind: K }> => message.kind === kind
