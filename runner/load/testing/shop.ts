import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { response, startRawServer, type RawRequest, type RawServer } from './raw-server.ts'

/** The answer of a service that speaks the contract, as bytes. */
type Shop = (request: RawRequest) => string

/** Products of any id, orders kept in memory. */
function createShop(): Shop {
  const orders: string[] = []
  return ({ line, path, body }) => {
    const list = /\/products\?limit=(\d+)&offset=(\d+)$/.exec(path)
    if (list) {
      const offset = Number(list[2])
      const items = Array.from({ length: Number(list[1]) }, (_, index) => ({
        id: offset + index + 1,
      }))
      return response(200, JSON.stringify({ items }))
    }
    const product = /\/products\/(\d+)$/.exec(path)
    if (product) return response(200, JSON.stringify({ id: Number(product[1]) }))
    if (line.startsWith('POST')) {
      const order = JSON.stringify({ id: orders.length + 1, ...JSON.parse(body) })
      orders.push(order)
      return response(201, order)
    }
    const stored = orders[Number(/\/orders\/(\d+)$/.exec(path)?.[1]) - 1]
    return stored === undefined ? response(404, '{}') : response(200, stored)
  }
}

/** A shop on a socket; `disturb` may do something else with a request, then returns true. */
export function startShop(
  t: TestContext,
  disturb: (socket: Socket, request: RawRequest, answer: () => string) => boolean = () => false,
  port = 0,
): Promise<RawServer> {
  const shop = createShop()
  const serve = (socket: Socket, request: RawRequest): void => {
    const answer = () => shop(request)
    if (!disturb(socket, request, answer)) socket.write(answer())
  }
  return startRawServer(t, serve, port)
}
