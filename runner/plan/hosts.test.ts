import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitSpeed, limitsAt, parseHosts, poolAmong, rampFactorOf, scaledRamp } from './hosts.ts'

test('the hosts that fit leave the kit its core, and are never faster than pinned', () => {
  for (const cores of [1, 2, 3, 4, 8, 64]) {
    const speed = fitSpeed(cores)
    assert.ok(speed > 0 && speed <= 1, `${cores} cores: ${speed}`)
    if (cores >= 2) assert.ok(3 * speed + 1.2 <= cores + 1e-9, `${cores} cores: ${speed}`)
  }
  assert.equal(fitSpeed(2), 0.26)
  assert.equal(fitSpeed(8), 1)
})

test('a speed that the machine does not have is refused with what is possible', () => {
  assert.deepEqual(parseHosts('article', 2), { kind: 'article' })
  assert.deepEqual(parseHosts('.5', 2), { kind: 'speed', speed: 0.5 })
  assert.deepEqual(parseHosts('1', 2), { kind: 'speed', speed: 1 })
  for (const text of ['0', '-1', '1.01', 'fast', '', 'NaN', '1e9', '0x1', '0.001', '1,5'])
    assert.match(
      JSON.stringify(parseHosts(text, 2)),
      /pinned, fit, article, or a speed from 0.01 to 1 /,
      text,
    )
})

test('a quota is never shorter than the kernel allows', () => {
  for (const speed of [0.01, 0.02, 0.07, 0.1, 0.26, 1]) {
    const { appCores, dbCores, periodUs } = limitsAt(speed)
    assert.ok(appCores * periodUs >= 999, `${speed}: ${appCores * periodUs} us`)
    assert.equal(dbCores, 2 * appCores)
  }
})

test('an arm as fast as the article’s has its ramp; one ten times as fast ten times its users', () => {
  const setting = { thresholdMs: 100, thinkMs: { min: 500, max: 500 } }
  const article = [20, 40, 60, 80]
  assert.deepEqual(scaledRamp(article, rampFactorOf(100, setting)), article)
  assert.deepEqual(scaledRamp(article, rampFactorOf(1003, setting)), [200, 400, 600, 800])
  assert.deepEqual(scaledRamp(article, rampFactorOf(1.5, setting)), [1, 2, 3, 4])
})

test('by Little’s law the third step is where the arm crosses, whatever the think time', () => {
  const setting = { thresholdMs: 200, thinkMs: { min: 0, max: 2000 } }
  const [, , third = 0] = scaledRamp([20, 40, 60, 80], rampFactorOf(500, setting))
  assert.equal(third, 500 * (0.2 + 1))
})

test('of several pools the middle one scales the ramp, never a client for each request behind a pooler', () => {
  const modes = new Map([
    ['pooled', 'pooled'],
    ['per-request', 'per-request'],
  ] as const)
  const arm = (name: string, from: string, mode: 'pooled' | 'per-request' = 'pooled') => {
    return { name, mode, from }
  }
  const sizes = ['1', '5', '20'].map((size) => arm(`size-${size}`, 'pooled'))
  assert.equal(poolAmong(sizes, modes), 'size-5')
  const pooler = [
    arm('none-per-request', 'per-request', 'per-request'),
    arm('session-per-request', 'per-request'),
    arm('transaction-per-request', 'per-request'),
    arm('none-pooled', 'pooled'),
    arm('session-pooled', 'pooled'),
  ]
  assert.equal(poolAmong(pooler, modes), 'session-pooled')
  assert.equal(poolAmong(pooler.slice(0, 3), modes), 'transaction-per-request')
  assert.equal(poolAmong(pooler.slice(0, 1), modes), 'none-per-request')
})
