import { mean } from './moments.ts'

/**
 * The non-decreasing sequence nearest to the values in least squares: more users do not make a service
 * faster, so what runs against that is noise. Pool adjacent violators.
 *
 * Source: Ayer, Brunk, Ewing, Reid and Silverman, Annals of Mathematical Statistics 26(4), 1955.
 */
export function isotonic(values: readonly number[]): number[] {
  const pools: number[][] = []
  for (const value of values) {
    let pool = [value]
    for (let last = pools.at(-1); last && mean(last) > mean(pool); last = pools.at(-1)) {
      pools.pop()
      pool = [...last, ...pool]
    }
    pools.push(pool)
  }
  return pools.flatMap((pool) => pool.map(() => mean(pool)))
}
