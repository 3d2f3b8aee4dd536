import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Crossing } from '../measurement/verdict.ts'
import { comparison } from './headline.ts'

const configuration = { thresholdMs: 100, thresholdOn: 'mean' }
const crossing = (arm: string, state: Crossing['state'], users: number | null) => ({
  arm,
  state,
  users,
  text: `${arm}: text.`,
})
const said = (...crossings: ReturnType<typeof crossing>[]): string =>
  comparison({ crossings, configuration } as unknown as Parameters<typeof comparison>[0])

test('the most users stand against the fewest', () => {
  const text = said(crossing('a', 'crossed', 50), crossing('b', 'crossed', 200))
  assert.match(text, /^b serves 4\S* times the users of a .* \(200 against 50\)\.$/)
})

test('arms of which none crossed are told in one sentence, however many they are', () => {
  const none = ['a', 'b', 'c', 'd'].map((arm) => crossing(arm, 'not-reached', null))
  assert.match(said(...none), /^No arm’s mean response time reaches 100 ms with the users[^.]*\.$/)
})

test('one arm alone, or arms of different fates, are told as they are', () => {
  assert.equal(said(crossing('a', 'not-reached', null)), 'a: text.')
  const mixed = said(crossing('a', 'not-reached', null), crossing('b', 'limited-by-runner', null))
  assert.equal(mixed, 'a: text. b: text.')
})
