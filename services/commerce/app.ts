import { Hono } from 'hono'
import { catalog } from './catalog.ts'
import type { Commits, Identity, Mode } from './config.ts'
import type { Database } from './database/database.ts'
import { faultOf } from './database/fault.ts'
import { log } from './log.ts'
import { orders } from './orders.ts'
import { FAULT_PROBLEMS, respond } from './problems.ts'
import type { Settings } from './settings.ts'
import { signIn } from './sign-in.ts'
import type { Tokens } from './tokens.ts'
import type { Versions } from './versions.ts'

const ALLOWED = [
  { path: /^\/(orders|sign-in)$/, methods: 'POST' },
  { path: /^\/(products|orders\/[^/]+|products\/[^/]+|healthz|readyz)$/, methods: 'GET, HEAD' },
]

/**
 * The service that services/contract.yaml describes. No middleware: each would be paid for by every
 * measured request. A method that is not allowed is found only once no route has matched.
 */
export function createApp(
  database: Database,
  tokens: Tokens,
  mode: Mode,
  versions: Versions,
  identity: Identity,
  settings: Settings,
  commits: Commits = 'one',
): Hono {
  const { arm, instance, prepare } = identity
  // Of these two alone: what is measured carries nothing for whoever measures.
  const named = {
    'x-samehost-instance': instance,
    'x-samehost-prepare': prepare ? 'on' : 'off',
    ...(arm && { 'x-samehost-arm': arm }),
  }
  return new Hono()
    .route('/', catalog(database))
    .route('/', orders(database, tokens, commits))
    .route('/', signIn(database, tokens))
    .get('/healthz', (c) => c.json({ status: 'ok', mode, versions, ...settings }, 200, named))
    .get('/readyz', async (c) => {
      await database.use((db) => db.selectNoFrom((eb) => eb.lit(1).as('one')).execute())
      return c.json({ status: 'ok', mode }, 200, named)
    })
    .notFound((c) => {
      const allowed = ALLOWED.find(({ path }) => path.test(c.req.path))
      if (!allowed) return respond({ code: 'not-found', detail: 'There is nothing at this path.' })
      return respond({
        code: 'method-not-allowed',
        detail: `Allowed here: ${allowed.methods}.`,
        headers: { allow: allowed.methods },
      })
    })
    .onError((error) => {
      const fault = faultOf(error)
      if (fault) return respond(FAULT_PROBLEMS[fault.kind])
      log('error', 'a request failed', { error: error.stack ?? error.message })
      return respond({ code: 'internal-error', detail: 'The service failed. Its log says how.' })
    })
}
