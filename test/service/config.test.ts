import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { test } from 'node:test'
import { TOKEN_SECRET } from './testing/client.ts'
import { runService } from './testing/service.ts'

test('a wrong environment ends it with 2 before it listens, and every fault is reported', async () => {
  const { code, said } = await runService({ PORT: 'x', DB_MODE: 'y', DB_POOL_MAX: '-1' })
  assert.equal(code, 2)
  const lines = said.trim().split('\n')
  assert.deepEqual(
    lines.map((line) => line.split(/[=: ]/)[0]),
    ['PORT', 'DATABASE_URL', 'DB_MODE', 'DB_POOL_MAX', 'TOKEN_SECRET'],
  )
})

test('a port that is taken ends it with 1, in one line', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { code, said } = await runService({
    DATABASE_URL: 'postgres://a@b/c',
    TOKEN_SECRET,
    HOST: '127.0.0.1',
    PORT: String(port),
  })
  other.close()
  assert.equal(code, 1)
  assert.match(said, /^\{.*give another HOST or PORT.*EADDRINUSE.*\}\n$/)
})
