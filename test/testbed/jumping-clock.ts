/**
 * Loaded before a process, this makes its wall clock jump by an hour, back and forth: a clock that is set
 * while a run goes on. The monotonic clock, and with it timers, goes on as ever.
 */
const JUMP_MS = 3_600_000
const EVERY_MS = 700

const Real = Date
const jumped = (): number =>
  Real.now() + (Math.floor(performance.now() / EVERY_MS) % 2 === 0 ? JUMP_MS : -JUMP_MS)

class JumpingDate extends Real {
  constructor(...args: readonly [] | readonly [number | string]) {
    super(args.length === 0 ? jumped() : args[0])
  }

  static override now(): number {
    return jumped()
  }
}

globalThis.Date = JumpingDate as DateConstructor
