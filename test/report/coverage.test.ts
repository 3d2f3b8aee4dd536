import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coverage, curves } from '../fixtures/coverage.ts'

/** The short form of \`npm run coverage\`: bounds as wide as so few runs are. */
const { 'one queue, declining': fast, 'three queues': slow } = await curves()
assert.ok(fast && slow)

/** `npm run test:long` asks for 5 too. */
const TRIALS = (process.env['COVERAGE_TRIALS'] ?? '3').split(',').map(Number)

for (const trials of TRIALS)
  test(`intervals of simulated whole runs with ${trials} trials hold what they say`, () => {
    const found = coverage({ trials, trialSd: 0.05, fast, slow, runs: 40, seed: 3 })
    // 120 arms, 40 ratios: standard errors of 2 and 3.4 points around 95.
    for (const name of ['crossing', 'ceiling', 'prediction'] as const)
      assert.ok(found[name] >= 0.88, `${name}: ${found[name]}`)
    assert.ok(found.ratio >= 0.85, `ratio: ${found.ratio}`)
    assert.ok(found.levelFound >= 0.8, `level arms found level: ${found.levelFound}`)
    // 80 verdicts with the truth on the edge of a band: of 5 % seldom over 9.
    assert.ok(found.definiteAtEdge <= 0.1, `definite at the edge: ${found.definiteAtEdge}`)
    // Neither by being so wide that nothing could be missed.
    assert.ok(found.crossingHalf < (trials === 3 ? 0.16 : 0.09), `${found.crossingHalf}`)
  })

test('one and two trials have no interval, and no verdict rests on them', () => {
  for (const trials of [1, 2]) {
    const found = coverage({ trials, trialSd: 0.05, fast, slow, runs: 5, seed: 4 })
    assert.ok(Number.isNaN(found.crossing) && Number.isNaN(found.ratio))
    assert.equal(found.definiteAtEdge + found.levelFound, 0)
  }
})
