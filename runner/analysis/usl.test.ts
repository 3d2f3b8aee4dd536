import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitUsl, uslThroughput } from './usl.ts'

const loads = (users: readonly number[], perS: readonly number[]) =>
  users.map((n, at) => ({ users: n, perS: perS[at] ?? Number.NaN }))

test('SPEC SDM91 of a SPARCcenter 2000: the residuals published with R’s package usl', () => {
  // Gunther, Guerrilla Capacity Planning, 2007, table 5.x; data set specsdm91 of the CRAN package usl,
  // whose summary prints the residuals -81.7, -25.1 (median) and 111.1.
  const data = loads(
    [1, 18, 36, 72, 108, 144, 216],
    [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775, 1702.2],
  )
  const fit = fitUsl(data)
  assert.ok(fit)
  const residuals = data.map(({ users, perS }) => perS - uslThroughput(fit, users))
  const sorted = residuals.toSorted((a, b) => a - b).map((residual) => residual.toFixed(1))
  assert.deepEqual([sorted[0], sorted[3], sorted[6]], ['-81.7', '-25.1', '111.1'])
  assert.ok(fit.r2 > 0.98)
  // Efficiency at one user, printed as 0.7211, is its throughput over the fitted lambda.
  assert.equal((64.9 / fit.lambdaPerS).toFixed(4), '0.7211')
})

test('a law is found again from its own figures', () => {
  const law = { lambdaPerS: 300, sigma: 0.05, kappa: 0.0002 }
  const users = [1, 2, 4, 8, 16, 32, 64, 128]
  const fit = fitUsl(
    loads(
      users,
      users.map((n) => uslThroughput(law, n)),
    ),
  )
  assert.ok(fit)
  for (const name of ['lambdaPerS', 'sigma', 'kappa'] as const)
    assert.ok(Math.abs(fit[name] / law[name] - 1) < 1e-3, `${name} ${fit[name]}`)
})

test('a single queue, seen by the users in service, is a sigma of one half', () => {
  // M/M/1 with 1,000/s: n in service at throughput 1000 n / (1 + n).
  const users = [0.25, 0.5, 1, 2, 4, 8, 32]
  const fit = fitUsl(
    loads(
      users,
      users.map((n) => (1000 * n) / (1 + n)),
    ),
  )
  assert.ok(fit)
  assert.ok(Math.abs(fit.sigma - 0.5) < 1e-3 && fit.kappa < 1e-6, JSON.stringify(fit))
})

test('coefficients are never negative, however the noise falls', () => {
  const fit = fitUsl(loads([1, 2, 4, 8], [10, 21, 43, 88]))
  assert.ok(fit && fit.sigma >= 0 && fit.kappa >= 0)
})

test('three loads are too few for three coefficients', () => {
  assert.equal(fitUsl(loads([1, 2, 4, 4], [10, 19, 35, 36])), null)
})
