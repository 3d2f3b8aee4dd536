import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, suite, test } from 'node:test'
import { skipWithoutEngine } from './engine.ts'
import { BUILD, containerOf, docker, tell } from './kit.ts'

const PROJECT = `samehost-addresses-${process.pid}`

/** What the kit's services answer with, each of other packages. */
const MARK: Readonly<Record<string, RegExp>> = { pooled: /"hono"/, floor: /"versions":(?!.*hono)/ }

/** The engine gives the address of a container that stopped to the next one that starts. */
void suite('an arm whose address changes', { skip: await skipWithoutEngine() }, () => {
  const env = {
    COMPOSE_PROJECT_NAME: PROJECT,
    SAMEHOST_PORT: '0',
    ARMS: 'pooled,floor',
  }
  const compose = (...args: string[]) => docker(['compose', ...args], env)
  let door = ''

  before(async () => {
    const up = await compose('up', ...BUILD, '-d', '--wait', 'nginx', 'pooled', 'floor')
    assert.equal(up.code, 0, up.stderr)
    door = `http://${(await compose('port', 'nginx', '8080')).stdout.trim()}`
  })
  after(async () => {
    await compose('down', '-v')
  })

  const idOf = (service: string) => containerOf(PROJECT, service)

  /** Of the network that the front door is on too. */
  async function addressOf(service: string): Promise<string> {
    const network = `${PROJECT}_front`
    const format = `{{(index .NetworkSettings.Networks "${network}").IPAddress}}`
    return (await docker(['inspect', '-f', format, await idOf(service)])).stdout.trim()
  }

  const health = async (arm: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(`${door}/${arm}/healthz`)
    return { status: response.status, text: await response.text() }
  }

  /** @throws if an arm answers as another once `graceMs` is over, or does not answer within 15 s */
  async function untilAnswering(arm: string, graceMs: number): Promise<void> {
    const from = performance.now()
    for (;;) {
      const { status, text } = await health(arm)
      const ms = performance.now() - from
      if (status === 200 && (MARK[arm] ?? /^/).test(text)) return
      assert.ok(status !== 200 || ms < graceMs, `${arm} answers as another after ${ms} ms: ${text}`)
      assert.ok(ms < 15_000, `${arm} does not answer: ${status}`)
      await delay(50)
    }
  }

  const workers = async (): Promise<string> =>
    (await docker(['top', await idOf('nginx')])).stdout
      .split('\n')
      .filter((line) => line.includes('worker process'))
      .map((line) => line.trim().split(/\s+/)[1])
      .join()

  test('within two seconds it answers as itself, though another has its former address', async () => {
    for (const arm of ['pooled', 'floor']) await untilAnswering(arm, 2_000)
    const former = { pooled: await addressOf('pooled'), floor: await addressOf('floor') }
    const [first, second] = former.pooled < former.floor ? ['pooled', 'floor'] : ['floor', 'pooled']
    await tell(PROJECT, 'stop', 'pooled', 'floor')
    await tell(PROJECT, 'start', second)
    await tell(PROJECT, 'start', first)
    const now = { pooled: await addressOf('pooled'), floor: await addressOf('floor') }
    assert.deepEqual(
      now,
      { pooled: former.floor, floor: former.pooled },
      'they have changed places',
    )
    for (const arm of ['pooled', 'floor']) await untilAnswering(arm, 2_000)
  })

  test('one that is gone is never answered for by the one that has its address', async () => {
    for (const arm of ['pooled', 'floor']) await untilAnswering(arm, 2_000)
    const former = await addressOf('pooled')
    await tell(PROJECT, 'stop', 'pooled', 'floor')
    await tell(PROJECT, 'start', 'floor')
    if ((await addressOf('floor')) !== former) {
      await tell(PROJECT, 'restart', 'floor')
    }
    await delay(2_000)
    assert.equal((await health('pooled')).status, 503)
    await untilAnswering('floor', 0)
  })

  test('while nothing changes, and while an arm restarts in its place, Nginx is not reloaded', async () => {
    await tell(PROJECT, 'start', 'pooled')
    await untilAnswering('pooled', 0)
    await delay(2_000)
    const [was, address] = [await workers(), await addressOf('pooled')]
    assert.match(was, /^\d+$/)
    await tell(PROJECT, 'restart', 'pooled')
    assert.equal(await addressOf('pooled'), address, 'nothing else took its address')
    await untilAnswering('pooled', 0)
    await delay(2_000)
    assert.equal(await workers(), was)
  })
})
