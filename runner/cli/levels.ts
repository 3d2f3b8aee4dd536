import { levelFaults } from '../experiment/levels.ts'
import type { Configuration } from '../measurement/run.ts'
import { UsageError } from './options.ts'

/**
 * Is every level what it was told to be? Asked before anything is measured.
 *
 * @throws UsageError naming each that is not; AbortError when the signal comes
 */
export async function checkLevels(
  { arms }: Pick<Configuration, 'arms'>,
  asking: Parameters<typeof levelFaults>[1],
): Promise<void> {
  const known = new Map(asking.testbed.arms.map((arm) => [arm.name, arm]))
  const faults = await levelFaults(
    arms.flatMap(({ name }) => known.get(name) ?? []),
    asking,
  )
  if (faults.length > 0) throw new UsageError(faults)
}
