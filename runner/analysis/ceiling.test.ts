import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Stage } from '../measurement/stage.ts'
import { ceilingOf, comparable } from './ceiling.ts'

const stage = (users: number, perS: number, valid = true): Stage =>
  ({ users, all: { throughputPerS: perS }, seconds: [], validity: { valid } }) as unknown as Stage

const perS = (stages: readonly (readonly Stage[])[]): number[] =>
  comparable(stages.map((each) => ceilingOf(each)).filter((each) => each !== null)).map(
    (ceiling) => ceiling.perS,
  )

test('a trial whose last step is invalid does not drag the ceiling down', () => {
  const whole = [stage(100, 198), stage(200, 397)]
  const cut = [stage(100, 198), stage(200, 380, false)]
  assert.deepEqual(perS([whole, cut, whole]), [397, 397])
})

test('a trial that served less with more users has its ceiling, whatever came after', () => {
  const past = [stage(100, 198), stage(200, 150), stage(400, 90, false)]
  assert.deepEqual(perS([past]), [198])
})

test('where every trial was cut short, what they served is told all the same', () => {
  const cut = [stage(100, 198), stage(200, 380, false)]
  assert.deepEqual(perS([cut, cut]), [198, 198])
})

test('without a valid stage there is no ceiling', () => {
  assert.equal(ceilingOf([stage(100, 198, false)]), null)
})
