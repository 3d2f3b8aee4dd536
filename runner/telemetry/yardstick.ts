import { createHash } from 'node:crypto'

/** An odd number, so that one of them is the median. */
const TURNS = 21
/** Small enough for every cache: the yardstick is of the processor, not of the memory. */
const PIECE = Buffer.alloc(64 * 1024, 7)
const PIECES = 80

/**
 * How long a fixed piece of work takes this machine now, in ms of CPU time: the median of a few turns.
 * Between two readings on one machine their ratio is that of its speed: what a governor, heat, or a
 * neighbour on the same core does to it, which no counter of the system tells (steal reads 0 while a
 * virtual machine's speed goes to and fro by a tenth). To be read while no load is on.
 *
 * Arithmetic alone, and without garbage: what the runner's heap holds at the moment is not in it. CPU
 * time rather than time on the clock: nor is having to wait for a processor.
 *
 * @param turn the work @param cpuMs CPU time of this process so far
 */
export function yardstickMs(turn: () => void = hash, cpuMs: () => number = processCpuMs): number {
  turn() // What is read or compiled for the first time belongs to no reading.
  const turns = Array.from({ length: TURNS }, () => {
    const from = cpuMs()
    turn()
    return cpuMs() - from
  })
  return turns.toSorted((a, b) => a - b)[(TURNS - 1) / 2] ?? Number.NaN
}

function hash(): void {
  const sum = createHash('sha256')
  for (let piece = 0; piece < PIECES; piece += 1) sum.update(PIECE)
  sum.digest()
}

/** Of the process, whose figure Linux brings up to date when asked; that of one thread moves in ticks of 4 ms. */
function processCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
