import type { KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Answer, created, ok } from './answer.ts'
import type { Database } from './database.ts'
import { NOT_FOUND, notAllowed, Refusal, UNKNOWN_ORDER, WRONG_PASSWORD } from './problems.ts'
import { credentials, NUMBER, orderRequest, pathId } from './requests.ts'
import { isReady, listProducts, placeOrder, userWith, viewOrder, viewProduct } from './shop.ts'
import { isPassword, tokenFor, userOf } from './users.ts'

/** Answers a request. A `Refusal`, or a fault of the database, is thrown. */
export type Route = (request: IncomingMessage) => Promise<Answer>

const READ = ['GET', 'HEAD']

/**
 * The paths of services/contract.yaml; the measured ones first.
 *
 * @param key by which tokens are signed
 * @param identity headers that name the arm and its process
 * @param said what the service goes by
 */
export function routes(
  database: Database,
  key: KeyObject,
  versions: Readonly<Record<string, string>>,
  identity: readonly string[],
  said: object,
): Route {
  return async (request) => {
    const { method = '', url = '' } = request
    const [path = ''] = url.split('?', 1)
    const signedIn = () => userOf(key, request.headers.authorization)
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
        const user = await signedIn()
        if (!NUMBER.test(id)) throw new Refusal(UNKNOWN_ORDER)
        return ok(await viewOrder(database, user, id))
      }
    }
    switch (path) {
      case '/products':
        allow(...READ)
        return ok(await listProducts(database))
      case '/orders':
        allow('POST')
        return created(await placeOrder(database, await signedIn(), await orderRequest(request)))
      case '/sign-in': {
        allow('POST')
        const { email, password } = await credentials(request)
        const user = await userWith(database, email)
        if (!user || !(await isPassword(password, user.passwordHash)))
          throw new Refusal(WRONG_PASSWORD)
        return ok({ token: await tokenFor(key, user.id) })
      }
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
