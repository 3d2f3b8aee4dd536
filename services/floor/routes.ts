import type { IncomingMessage } from 'node:http'
import { type Answer, created, ok } from './answer.ts'
import type { Database } from './database.ts'
import { NOT_FOUND, notAllowed, Refusal, UNREADABLE } from './problems.ts'
import { targetOf } from './request-head.ts'
import { orderRequest, pageOf, pathId } from './requests.ts'
import { isReady, listProducts, placeOrder, viewOrder, viewProduct } from './shop.ts'

/** Answers a request. A `Refusal`, or a fault of the database, is thrown. */
export type Route = (request: IncomingMessage) => Promise<Answer>

const READ = ['GET', 'HEAD']
const OTHERS = new Set(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'])

/**
 * The paths of services/contract.yaml; the measured ones first.
 *
 * @param identity headers that name the arm and its process
 * @param said what the service goes by
 */
export function routes(
  database: Database,
  versions: Readonly<Record<string, string>>,
  identity: readonly string[],
  said: object,
): Route {
  return async (request) => {
    const target = targetOf(request)
    if (!target) throw new Refusal(UNREADABLE)
    const { path, query } = target
    const { method = '' } = request
    if (!READ.includes(method) && !OTHERS.has(method)) throw new Refusal(UNREADABLE)
    const allow = (...methods: readonly string[]): void => {
      if (!methods.includes(method)) throw new Refusal(notAllowed(methods.join(', ')))
    }
    const [, collection, id, more] = path.split('/')
    if (id && more === undefined) {
      if (collection === 'products') {
        allow(...READ)
        return ok(await viewProduct(database, pathId(id)))
      }
      if (collection === 'orders') {
        allow(...READ)
        return ok(await viewOrder(database, pathId(id)))
      }
    }
    switch (path) {
      case '/products':
        allow(...READ)
        return ok(await listProducts(database, pageOf(query)))
      case '/orders':
        allow('POST')
        return created(await placeOrder(database, await orderRequest(request)))
      case '/healthz':
        allow(...READ)
        return ok({ status: 'ok', mode: 'pooled', versions, ...said }, identity)
      case '/readyz':
        allow(...READ)
        await isReady(database)
        return ok({ status: 'ok', mode: 'pooled' }, identity)
      default:
        throw new Refusal(NOT_FOUND)
    }
  }
}
