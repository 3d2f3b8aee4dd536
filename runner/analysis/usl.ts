import { levenbergMarquardt } from 'ml-levenberg-marquardt'
import type { Crossing } from '../measurement/verdict.ts'
import { mean } from './statistics/moments.ts'

export type Usl = NonNullable<Crossing['usl']>
export type Load = { readonly users: number; readonly perS: number }

/** Three coefficients need more points than that to say anything. */
const LEAST_POINTS = 4

/** Throughput of the Universal Scalability Law at `users` in service. Requests per second. */
export function uslThroughput(
  { lambdaPerS, sigma, kappa }: Pick<Usl, 'lambdaPerS' | 'sigma' | 'kappa'>,
  users: number,
): number {
  return (lambdaPerS * users) / (1 + sigma * (users - 1) + kappa * users * (users - 1))
}

/**
 * Fits the Universal Scalability Law by least squares (Levenberg-Marquardt, sigma and kappa kept from
 * being negative). Give it the users *in service*, throughput x response time: with think time most
 * virtual users are away, the service does not see them, and throughput against virtual users is a line
 * with a sharp bend that the law does not describe.
 *
 * @returns null with fewer than four different loads
 * Source: Gunther, Guerrilla Capacity Planning, 2007, chapters 4 to 6, and A General Theory of
 * Computational Scalability, arXiv:0808.1431, 2008. A single queue without overhead is sigma = 1/2.
 */
export function fitUsl(loads: readonly Load[]): Usl | null {
  if (new Set(loads.map(({ users }) => users)).size < LEAST_POINTS) return null
  // Scaled so that all three parameters are near 1: the damping is one number for all of them.
  const most = Math.max(...loads.map(({ perS }) => perS))
  const span = Math.max(...loads.map(({ users }) => users))
  const data = { x: loads.map(({ users }) => users), y: loads.map(({ perS }) => perS / most) }
  const first = loads.reduce((low, load) => (load.users < low.users ? load : low))
  const fits = [0.01, 0.1, 0.5].map((sigma) =>
    levenbergMarquardt(data, ([l = 0, s = 0, k = 0]) => curve(l, s, k / span), {
      initialValues: [first.perS / Math.max(first.users, 1e-9) / most, sigma, 0.001],
      minValues: [0, 0, 0],
      maxIterations: 500,
      errorTolerance: 1e-12,
      centralDifference: true,
      gradientDifference: 1e-6,
    }),
  )
  const best = fits.reduce((low, fit) => (fit.parameterError < low.parameterError ? fit : low))
  const [l = 0, s = 0, k = 0] = best.parameterValues
  const usl = { lambdaPerS: l * most, sigma: s, kappa: k / span }
  return { ...usl, r2: explained(loads, usl), points: loads.length }
}

const curve = (lambdaPerS: number, sigma: number, kappa: number) => (users: number) =>
  uslThroughput({ lambdaPerS, sigma, kappa }, users)

/** Share of the throughput's variance that the fit explains. */
function explained(
  loads: readonly Load[],
  usl: Pick<Usl, 'lambdaPerS' | 'sigma' | 'kappa'>,
): number {
  const centre = mean(loads.map(({ perS }) => perS))
  const total = loads.reduce((sum, { perS }) => sum + (perS - centre) ** 2, 0)
  const left = loads.reduce(
    (sum, { users, perS }) => sum + (perS - uslThroughput(usl, users)) ** 2,
    0,
  )
  return total === 0 ? 1 : 1 - left / total
}
