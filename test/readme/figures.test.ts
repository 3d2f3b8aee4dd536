import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readmeWithFigures } from './figures.ts'

test('every figure in the README is that of the committed run', async () => {
  const { is, mustBe } = await readmeWithFigures()
  assert.equal(is, mustBe, 'run `npm run readme`')
})
