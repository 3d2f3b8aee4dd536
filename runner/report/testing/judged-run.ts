import type { Run } from '../../measurement/run.ts'
import { madeUpRun } from '../../analysis/testing/made-up-run.ts'

/** MADE UP: a run with every kind of answer in it, to see how a report shows each. */
export function judgedRun(): Run {
  const run = madeUpRun()
  const stage = run.trials[1]?.stages[2]
  if (!stage) throw new Error('the made-up run has changed')
  const text = '2.0 % of the requests failed (20 of 1000)'
  stage.validity = { valid: false, reasons: [{ check: 'errors', figure: 0.02, bound: 0.01, text }] }
  const none = { bracket: null, interval: null, ceilingInterval: null, usl: null }
  return {
    ...run,
    crossings: [
      {
        arm: 'pooled',
        state: 'crossed',
        users: 1112.4,
        bracket: { low: 1080, high: 1120 },
        interval: { low: 1100, high: 1120, kind: 'within-run' },
        ceilingPerS: 1850,
        ceilingInterval: { low: 1840, high: 1860, kind: 'within-run' },
        usl: { lambdaPerS: 270, sigma: 0.14, kappa: 0.00001, r2: 0.99, points: 11 },
        text: 'pooled crosses 100 ms at 1112 users.',
      },
      {
        ...none,
        arm: 'per-request',
        state: 'crossed-below',
        users: null,
        ceilingPerS: 284,
        text: 'per-request crosses 100 ms below 40 users.',
      },
    ],
    claims: (['reproduced', 'not reproduced', 'inconclusive'] as const).map((verdict, at) => ({
      id: `claim-${at}`,
      statement: `The article’s claim ${at + 1}`,
      article: '60 against 20',
      ours: '1112 against 171: 6.5 times (6.2–6.8)',
      predicate: 'the ratio lies between 2 and 4.5',
      verdict,
      reason: `because of reason ${at + 1}`,
    })),
  }
}
