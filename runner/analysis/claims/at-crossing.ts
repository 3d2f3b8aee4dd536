import type { Crossing } from '../../measurement/verdict.ts'
import { levels, type Level } from '../levels.ts'
import type { Unanalysed } from './context.ts'

/** The first valid level of an arm at or past its crossing: where it is as busy as it gets. */
export function levelAtCrossing(run: Unanalysed, { arm, users }: Crossing): Level | null {
  if (users === null) return null
  const past = (level: Level) => level.users >= users && level.valid.length > 0
  return levels(run, arm).find(past) ?? null
}

/** CPU cores that an arm may use; null where it has no limit. */
export function appLimitCores({ environment }: Unanalysed, arm: string): number | null {
  const apps = environment.parts.filter(({ part }) => part === 'app')
  const own = apps.find(({ name }) => name === arm) ?? apps.find(({ name }) => name.includes(arm))
  return (own ?? apps[0])?.cpuLimitCores ?? null
}
