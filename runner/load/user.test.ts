import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '../../test/fixtures/load-window.ts'
import { SHOP_ENDPOINTS, shopJourney, under } from '../../test/fixtures/shop.ts'
import { meanMs } from './distribution.ts'
import { createOrderLedger } from './orders.ts'
import { createRecorder } from './recorder.ts'
import { createUser, type User } from './user.ts'

/** ms. */
const [THINK_MS, CONNECT_MS] = [20, 60]

// The kernel accepts by itself, so a service whose queue for connections is full is one of our own here.
test('waiting for a connection is no late pause: it is the service that keeps the user waiting', async (t) => {
  const recorder = createRecorder(performance.now(), SHOP_ENDPOINTS)
  const pausesMs: number[] = []
  let endedAtMs: number | undefined
  const connected = () => {
    user.events.sent(performance.now())
    endedAtMs = performance.now()
    user.events.ended({ kind: 'failed', error: 'timeout', durationMs: 0 })
  }
  const user = createUser(
    {
      send() {
        if (endedAtMs !== undefined) pausesMs.push(performance.now() - endedAtMs)
        setTimeout(connected, CONNECT_MS)
      },
      close() {},
      strays: () => 0,
    },
    {
      journey: shopJourney,
      thinkMs: { min: THINK_MS, max: THINK_MS },
      choices: () => 0,
      pauses: () => 0,
      ledger: createOrderLedger(),
      recorder: () => recorder,
      ended() {},
      gone() {},
    },
  )
  t.after(() => user.stop())
  user.start(0)
  await waitFor('three pauses', () => recorder.contents(1).think.observed.count >= 3)
  const { observed } = recorder.contents(1).think
  const expectedMs =
    pausesMs.slice(0, observed.count).reduce((sum, ms) => sum + ms, 0) / observed.count
  assert.ok(
    Math.abs((meanMs(observed) ?? NaN) - expectedMs) < 2,
    `${meanMs(observed)} ms, ${expectedMs} expected`,
  )
})

test('of a pause that is overdue only what lies after an instant is counted from it', async () => {
  const user = createUser(
    { send() {}, close() {}, strays: () => 0 },
    {
      journey: shopJourney,
      thinkMs: { min: 0, max: 0 },
      choices: () => 0,
      pauses: () => 0,
      ledger: createOrderLedger(),
      recorder: () => undefined,
      ended() {},
      gone() {},
    },
  )
  const fromMs = performance.now()
  user.start(10)
  const untilMs = fromMs + 100
  while (performance.now() < untilMs);
  assert.ok(user.overdueMs(untilMs, fromMs) > 50)
  assert.equal(user.overdueMs(untilMs, untilMs - 30), 30)
  // Its timer comes now: from then on it waits for a connection.
  await sleep(1)
  const asked = user.overdueMs(performance.now(), fromMs)
  await sleep(20)
  assert.equal(user.overdueMs(performance.now(), fromMs), asked)
  user.stop()
})

test('a sign-in counts in the mean since the start, and in no window', async (t) => {
  const recorder = createRecorder(performance.now(), SHOP_ENDPOINTS)
  const told: number[] = []
  const user = createUser(
    { send() {}, close() {}, strays: () => 0 },
    {
      journey: shopJourney,
      thinkMs: { min: 0, max: 0 },
      choices: () => 0,
      pauses: () => 0,
      ledger: createOrderLedger(),
      recorder: () => recorder,
      signsIn: true,
      ended: (durationMs) => told.push(durationMs),
      gone() {},
    },
  )
  t.after(() => user.stop())
  user.start(0)
  await sleep(5)
  user.events.sent(performance.now())
  user.events.ended({ kind: 'failed', error: 'timeout', durationMs: 7 })
  assert.deepEqual(told, [7])
  const { endpoints } = recorder.contents(1)
  assert.ok(Object.values(endpoints).every(({ sent }) => sent === 0))
})

/** Leads a user who never pauses into each of its states; `sent` and `ended` are its connection's. */
const STATES = {
  new: () => {},
  pausing: ({ user }) => user.start(1e6),
  connecting: async ({ user, asked }) => {
    user.start(0)
    await waitFor('a request', () => asked() === 1)
  },
  'in flight': async (led) => {
    await STATES.connecting(led)
    led.user.events.sent(performance.now())
  },
  leaving: async (led) => {
    await STATES['in flight'](led)
    led.user.retire()
  },
  gone: ({ user }) => user.stop(),
} satisfies Record<string, (led: Led) => void | Promise<void>>

type Led = Readonly<{ user: User; asked: () => number }>

for (const [state, lead] of Object.entries(STATES)) {
  test(`a user who is ${state} leaves once, and its orders and requests add up`, async () => {
    for (const how of ['retire', 'stop'] as const) {
      const recorder = createRecorder(performance.now(), SHOP_ENDPOINTS)
      let [asked, closed, gone] = [0, 0, 0]
      const told: number[] = []
      const user = createUser(
        { send: () => (asked += 1), close: () => (closed += 1), strays: () => 0 },
        {
          journey: shopJourney,
          thinkMs: { min: 0, max: 0 },
          choices: () => 0,
          pauses: () => 0,
          ledger: createOrderLedger(),
          recorder: () => recorder,
          ended: (durationMs) => told.push(durationMs),
          gone: () => (gone += 1),
        },
      )
      await lead({ user, asked: () => asked })
      user[how]()
      const waits = how === 'retire' && (state === 'in flight' || state === 'leaving')
      assert.deepEqual([closed, gone], waits ? [0, 0] : [1, 1], how)
      assert.equal(user.waitsSince(Infinity), waits)
      user.events.ended({ kind: 'failed', error: 'timeout', durationMs: 1 })
      user.stop()
      assert.deepEqual([closed, gone], [1, 1], `${how}, and what comes after`)
      const cell = under('list-products', recorder.contents(1).endpoints)
      const isSent = state === 'in flight' || state === 'leaving'
      assert.deepEqual([cell.sent, cell.failure.count], [Number(isSent), Number(waits)])
      assert.deepEqual(told, waits ? [1] : [], 'a request that ended is told of')
      assert.equal(user.pausedMs(performance.now()), 0)
    }
  })
}
