import assert from 'node:assert/strict'
import { test } from 'node:test'
import { windowOf } from '../../test/fixtures/load-window.ts'
import { lossRows } from './losses.ts'
import { createLog } from './server/log.ts'

const PAUSE = { nominalMs: 0, observedMs: undefined }

const injecting = () => {
  const log = createLog()
  for (let request = 0; request < 4; request += 1) log.received('list-products')
  log.injected('FIN')
  log.injected('RST')
  log.injected('hang')
  log.injected('Connection: close')
  return log.take()
}

const counting = (errors: readonly string[]) =>
  windowOf(1, (recorder) => {
    for (const error of errors) {
      recorder.sent('list-products', PAUSE)
      recorder.failed('list-products', 0, 1, error)
    }
    recorder.sent('list-products', PAUSE)
    recorder.succeeded('list-products', 0, 1)
  })

const failedRows = (errors: readonly string[]) =>
  lossRows(counting(errors), injecting())
    .filter(({ passed }) => !passed)
    .map(({ fault, injected, counted }) => [fault, injected, counted])

test('losses counted as injected pass, FIN and RST under one class', () => {
  assert.deepEqual(failedRows(['connection-lost', 'connection-lost', 'timeout']), [])
})

test('a loss that was not counted fails, and so does the endpoint that it belongs to', () => {
  assert.deepEqual(failedRows(['connection-lost', 'timeout']), [
    ['FIN, RST', 2, 1],
    ['list-products received', 4, 3],
  ])
})

test('a false time-out fails, and a failure of a class that was not injected', () => {
  assert.deepEqual(failedRows(['connection-lost', 'timeout', 'timeout']), [
    ['FIN, RST', 2, 1],
    ['hang', 1, 2],
  ])
  assert.deepEqual(failedRows(['connection-lost', 'connection-lost', 'status-404']), [
    ['hang', 1, 0],
    ['Connection: close (1)', 0, 1],
  ])
})
