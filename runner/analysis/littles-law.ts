import type { Stage } from '../measurement/stage.ts'

type Observed = Pick<
  Stage,
  'users' | 'thinkMs' | 'holdS' | 'all' | 'outcomes' | 'meanWithTimeoutsMs'
>

/**
 * Little's law for a closed loop: users = throughput x (response time + think time).
 * Failed requests kept their user busy too, so they count in the throughput, and a time-out counts
 * at its limit; any other failure is taken to last as long as a success (validity bounds them at 1 %).
 * The think time is the one that was asked for: a client that pauses longer is off its load.
 *
 * @returns the users that the figures account for, and that figure / users - 1
 * Source: J. D. C. Little, A Proof for the Queuing Formula L = lambda W, Operations Research 9(3), 1961;
 * interactive form: Jain, The Art of Computer Systems Performance Analysis, 1991, section 33.5.
 */
export function littlesLaw(stage: Observed): Stage['littlesLaw'] {
  const responseMs = stage.meanWithTimeoutsMs ?? stage.all.meanMs ?? 0
  const thinkMs = (stage.thinkMs.min + stage.thinkMs.max) / 2
  const perS = (stage.outcomes.succeeded + stage.outcomes.failed) / stage.holdS
  const expectedUsers = (perS * (responseMs + thinkMs)) / 1000
  return { expectedUsers, residual: expectedUsers / stage.users - 1 }
}
