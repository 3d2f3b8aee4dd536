import type { Run } from '../../measurement/run.ts'
import type { Studied } from '../../measurement/study.ts'
import type { Mode, Trial } from '../../measurement/trial.ts'
import type { ArmAnalysis } from '../arm-analysis.ts'
import { type Level, levels, modeOf } from '../levels.ts'

export type Unanalysed = Studied<Omit<Run, 'crossings' | 'claims'>>

/** What a claim is judged by. */
export type Context = Readonly<{
  run: Unanalysed
  arms: ReadonlyMap<string, ArmAnalysis>
}>

/**
 * Which arm of a run plays a part: the study's own if it ran, else the arm that is named after the mode, else
 * the first that promises it; null if none does.
 */
export function armOf(run: Studied<Pick<Run, 'configuration'>>, role: Mode): string | null {
  // A level of a factor is not what a study measured.
  const names = run.configuration.arms.flatMap(({ name, factor }) => (factor ? [] : [name]))
  const preferred = [run.study?.arms[role], role].find((name) => names.some((own) => own === name))
  return preferred ?? names.find((name) => modeOf(run, name) === role) ?? null
}

/** Does the run compare ways to connect: two arms or more with parts of their own? */
export function comparesConnections(run: Studied<Pick<Run, 'configuration'>>): boolean {
  const playing = ROLES.map((role) => armOf(run, role)).filter((arm) => arm !== null)
  return new Set(playing).size > 1
}

const ROLES: readonly Mode[] = ['pooled', 'persistent', 'per-request']

/** The same; else the only arm that the study's own was changed to, such as by a distance. */
export function contenderOf(run: Studied<Pick<Run, 'configuration'>>, role: Mode): string | null {
  const own = run.study?.arms[role]
  const changed = run.configuration.arms.filter(({ from }) => from !== undefined && from === own)
  return armOf(run, role) ?? (changed.length === 1 ? (changed[0]?.name ?? null) : null)
}

/** The first valid level of an arm at or past its crossing: where it is as busy as it gets. */
export function levelAtCrossing(
  run: Unanalysed,
  { arm, users }: { readonly arm: string; readonly users: number | null },
): Level | null {
  if (users === null) return null
  const past = (level: Level) => level.users >= users && level.valid.length > 0
  return levels(run, arm).find(past) ?? null
}

/** CPU cores that the arm of a trial may use: as read back in it, else as set for it; null where it has no limit. */
export function appLimitCores(
  { environment }: Pick<Unanalysed, 'environment'>,
  { arm, armLimits, hosts }: Pick<Trial, 'arm' | 'armLimits' | 'hosts'>,
): number | null {
  const ofTrial = armLimits?.cores ?? hosts?.appCores
  if (ofTrial !== undefined) return ofTrial
  const apps = environment.parts.filter(({ part }) => part === 'app')
  const own = apps.find(({ name }) => name === arm) ?? apps.find(({ name }) => name.includes(arm))
  return (own ?? apps[0])?.cpuLimitCores ?? null
}
