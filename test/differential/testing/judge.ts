import assert from 'node:assert/strict'
import type { DecidedCase } from './cases.ts'
import { askAll, difference, reproduction, type Way } from './compare.ts'

/**
 * Asks each service, and holds what it answers to the contract and to the others.
 *
 * @throws AssertionError if one answers what is not decided, or two answer differently
 */
export async function judgeDecided(
  ways: readonly Way[],
  { request, status, code }: DecidedCase,
): Promise<void> {
  const answers = await askAll(ways, request)
  const shown = reproduction(request)
  for (const [name, answer] of answers) {
    assert.equal(
      answer.class,
      Math.floor(status / 100),
      `${name}: ${JSON.stringify(answer)}\n${shown}`,
    )
    assert.equal(answer.code, code, `${name}: ${JSON.stringify(answer)}\n${shown}`)
  }
  assert.equal(difference(answers), undefined, shown)
}
