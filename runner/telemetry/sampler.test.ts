import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Moment } from './counters.ts'
import { startSampler } from './sampler.ts'

test('all is read at both ends of a window, and between them each second only what changes', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const moments: Moment[] = []
  const read = (moment: Moment = 'edge') => {
    moments.push(moment)
    return Promise.resolve({})
  }
  const sampler = await startSampler({ read })
  for (let second = 0; second < 3; second += 1) {
    t.mock.timers.tick(1_000)
    // The reading before has to be over, or this one is left out.
    await new Promise(setImmediate)
  }
  const readings = await sampler.stop()
  assert.deepEqual(moments, ['edge', 'within', 'within', 'within', 'edge'])
  assert.equal(readings.length, moments.length)
})
