import type { IncomingMessage } from 'node:http'
import { type Answer, created, ok } from './answer.ts'
import type { Database } from './database.ts'
import { NOT_FOUND, notAllowed, Refusal } from './problems.ts'
import { orderRequest, pageOf, pathId } from './requests.ts'
import { isReady, listProducts, placeOrder, viewOrder, viewProduct } from './shop.ts'

/** Answers a request. A `Refusal`, or a fault of the database, is thrown. */
export type Route = (request: IncomingMessage) => Promise<Answer>

const READ = ['GET', 'HEAD']

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
    const { method = '', url = '' } = request
    const [path = '', query = ''] = url.split('?', 2)
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
