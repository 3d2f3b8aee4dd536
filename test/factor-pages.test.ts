import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readKit } from '../runner/kit.ts'
import { groupNames, readArms } from '../runner/plan/arms.ts'
import { factorPages } from '../scripts/factor-pages.ts'

const pages = await factorPages()

for (const { path, is, mustBe } of pages) {
  test(`every figure in ${path} is what the committed run says`, () => {
    assert.equal(is, mustBe, 'run `npm run docs:factors`')
  })
}

test('each file of compose/ that varies one thing has its page, with the command for each of its groups', () => {
  const varied = readArms(readKit('compose.yaml'), readKit).filter(({ factor }) => factor)
  for (const group of groupNames(varied)) {
    const commands = pages.filter(({ is }) => is.includes(`ARMS=${group} docker compose up`))
    assert.ok(commands.length > 0, `no page says how ${group} is run`)
  }
})
