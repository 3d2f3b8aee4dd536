import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Random numbers of one seed: the same seed gives the same report, byte for byte. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number
  /** A whole number in [0, below). */
  index(below: number): number
}

/** Source: Blackman and Vigna, Scrambled linear pseudorandom number generators, ACM TOMS 47(4), 2021. */
export function seeded(seed: number): Random {
  const generator = xoroshiro128plus(seed)
  return {
    uniform: () => uniformFloat64(generator),
    index: (below) => uniformInt(generator, 0, below - 1),
  }
}
