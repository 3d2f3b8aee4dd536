import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pages } from '../scripts/docs/pages.ts'

for (const { path, is, mustBe } of await pages()) {
  test(`every figure in ${path} is what the code and the committed runs say`, () => {
    assert.equal(is, mustBe, 'run `npm run docs`')
  })
}
