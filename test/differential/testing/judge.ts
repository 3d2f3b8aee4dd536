import assert from 'node:assert/strict'
import type { Expected } from './cases.ts'
import { difference, reproduction } from './compare.ts'
import type { RawRequest } from './raw-request.ts'

/** @throws AssertionError if one answered what is not expected, or two answered differently */
export function judgeDecided(
  request: RawRequest,
  answers: ReadonlyMap<string, unknown>,
  { status, code }: Expected,
): void {
  for (const [name, answer] of answers) {
    const { status: got, body } = answer as { status?: number; body?: { code?: string } }
    const shown = typeof answer === 'string' ? answer : JSON.stringify(answer)
    assert.equal(got, status, `${name}: ${shown}\n${reproduction(request)}`)
    if (request.method !== 'HEAD') {
      assert.equal(body?.code, code, `${name}: ${shown}\n${reproduction(request)}`)
    }
  }
  assert.equal(difference(answers), undefined, reproduction(request))
}
