import { createServer, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { createRandom } from '../../load/random.ts'
import { DELAYS } from '../measure.ts'
import { createKnownShop, readShopRequest } from './known-shop.ts'
import { createInjector, createLog } from './log.ts'
import { answerBytes, createHttpReader, misbehave, type Reply, type Request } from './protocol.ts'

// The server with known delays: a process of its own, driven over Node's channel to its parent.

const HOST = '127.0.0.1'
/** All 2,000 users may connect in one second: none may be sent away by a full queue. */
const BACKLOG = 4096
/** `performance.now` counts from the start of a process; `process.hrtime` is the machine's own. */
const CLOCK_OFFSET_MS = Number(process.hrtime.bigint()) / 1e6 - performance.now()

const log = createLog()
const injector = createInjector()
const shop = createKnownShop()
const random = createRandom(1)
const sockets = new Set<Socket>()
let waiting = 0

const server = createServer({ noDelay: true }, (socket) => {
  let answeredAtMs = Number.NaN
  let pending = 0
  sockets.add(socket)
  socket.on('error', () => {})
  socket.on('close', () => {
    sockets.delete(socket)
    waiting -= pending
    pending = 0
  })
  socket.on(
    'data',
    createHttpReader((line, body) => {
      const arrivedAtMs = performance.now()
      const request = readShopRequest(line, body)
      const prefix = line.split('/', 2)[1] ?? ''
      if (request === undefined) return socket.end(answerBytes(404, '{}'))
      log.received(request.endpoint)
      const answer = shop(request)
      const fault = prefix === 'faults' ? injector.draw() : undefined
      if (fault !== undefined) {
        log.injected(fault)
        answeredAtMs = Number.NaN
        return misbehave(socket, fault, answer.status, answer.body)
      }
      const finish = (): void => {
        if (socket.destroyed) return
        pending -= 1
        waiting -= 1
        socket.write(answerBytes(answer.status, answer.body))
        const endedAtMs = performance.now()
        log.answered(
          arrivedAtMs + CLOCK_OFFSET_MS,
          endedAtMs - arrivedAtMs,
          arrivedAtMs - answeredAtMs,
        )
        answeredAtMs = endedAtMs
      }
      pending += 1
      waiting += 1
      const delayMs = DELAYS[prefix]?.(random) ?? 0
      if (delayMs === 0) finish()
      else setTimeout(finish, delayMs)
    }),
  )
})

function restart(downMs: number): void {
  const { port } = addressOf()
  const lost = waiting
  server.close()
  for (const socket of sockets) socket.resetAndDestroy()
  setTimeout(() => {
    server.listen({ port, host: HOST, backlog: BACKLOG }, () => reply({ kind: 'restarted', lost }))
  }, downMs)
}

function addressOf() {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address
}

const reply = (message: Reply): void => {
  process.send?.(message)
}

process.on('message', (message: Request) => {
  switch (message.kind) {
    case 'take-log':
      return reply({ kind: 'log', log: log.take() })
    case 'inject':
      injector.set(message.every)
      return reply({ kind: 'done' })
    case 'restart':
      return restart(message.downMs)
    default:
      return message satisfies never
  }
})
// The parent is gone, however it went.
process.on('disconnect', () => process.exit(0))

server.listen({ port: 0, host: HOST, backlog: BACKLOG }, () => {
  reply({ kind: 'listening', port: addressOf().port })
})
