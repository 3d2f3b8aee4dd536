import { constants, setPriority } from 'node:os'

/**
 * Lets the instrument go first where cores are short, as `cpu_shares` does in Compose: about 9 to 1.
 * Otherwise the runner would measure its own waiting for a core. With cores to spare it changes nothing.
 *
 * @param pid of a process that has just been started; what it starts inherits this
 */
export function stepBack(pid: number): void {
  setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
}
