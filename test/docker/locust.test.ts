import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { LOCUST_CLIENTS, locustVersion, measureLocust } from '../../runner/calibration/locust.ts'
import type { LocustUser } from '../../runner/calibration/locust.ts'
import { startDelayServer } from '../../runner/calibration/server-process.ts'
import { skipWithoutEngine } from './engine.ts'
import { docker, KIT } from './kit.ts'

const IMAGE = 'samehost-locust:test'

async function skipReason(): Promise<string | false> {
  if (process.platform !== 'linux') return 'a container reaches this host’s loopback on Linux alone'
  return await skipWithoutEngine()
}

/** The image's Locust in place of one on the PATH: it reaches the server on loopback by the host's network. */
void suite('Locust reads known delays', { skip: await skipReason() }, () => {
  const path = process.env['PATH'] ?? ''
  let folder: string

  before(async () => {
    const built = await docker(['build', '-q', '-t', IMAGE, '-f', 'locust/Dockerfile', '.'])
    assert.equal(built.code, 0, built.stderr)
    folder = await mkdtemp(join(tmpdir(), 'samehost-locust-'))
    const variables = ['LOCUST_HOST', 'LOCUST_USERS', 'LOCUST_SPAWN_RATE', 'THINK_S', 'WARM_UP_S']
    const passed = [...variables, 'HOLD_S', 'TOKEN_SECRET'].map((name) => `-e ${name}`).join(' ')
    const mounted = `-v '${KIT}locust:${KIT}locust:ro'`
    const shim = `#!/bin/sh\nexec docker run --rm --network host ${passed} ${mounted} ${IMAGE} "$@"\n`
    await writeFile(join(folder, 'locust'), shim)
    await chmod(join(folder, 'locust'), 0o755)
    process.env['PATH'] = `${folder}${delimiter}${path}`
  })

  after(async () => {
    process.env['PATH'] = path
    await rm(folder, { recursive: true, force: true })
  })

  test('it says its version', async () => {
    assert.match(await locustVersion(), /^locust \d+\.\d+/)
  })

  for (const user of Object.keys(LOCUST_CLIENTS) as LocustUser[]) {
    test(`${LOCUST_CLIENTS[user]}: the same requests are counted on both sides`, async () => {
      await using server = await startDelayServer()
      const stage = { delay: '100ms', users: 20, thinkMs: 500, warmUpS: 1, holdS: 3 }
      const row = await measureLocust(server, { user, ...stage })
      assert.equal(row.failures, 0)
      // 20 users, 0.6 s a round, 3 s: about 100.
      assert.ok(row.requests > 30, `${row.requests} requests`)
      assert.ok(row.truth.meanMs >= 99, `the server took ${row.truth.meanMs} ms`)
      assert.ok(row.measured.meanMs >= row.truth.meanMs - 1, 'no reading is below the truth')
      assert.ok(row.cpuSPer1000 > 0)
    })
  }
})

test('without a locust on the PATH the remedy is printed', async () => {
  const path = process.env['PATH']
  process.env['PATH'] = '/nonexistent'
  try {
    await assert.rejects(locustVersion(), /no locust to compare with.*pip install/)
  } finally {
    process.env['PATH'] = path
  }
})
