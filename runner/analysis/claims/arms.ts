import type { Run } from '../../measurement/run.ts'
import type { Studied } from '../../measurement/study.ts'
import type { Mode } from '../../measurement/trial.ts'
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

/** The study's own arm of a part, or the only one that it was changed to, such as by a distance; null where neither ran. */
export function ownArmOf(run: Studied<Pick<Run, 'configuration'>>, role: Mode): string | null {
  const { arms } = run.configuration
  const own = run.study?.arms[role]
  if (own === undefined) return null
  if (arms.some(({ name }) => name === own)) return own
  const changed = arms.filter(({ from }) => from === own)
  return changed.length === 1 ? (changed[0]?.name ?? null) : null
}

/** Whoever plays a part, the study's own arm though it was changed. */
export const contenderOf = (run: Studied<Pick<Run, 'configuration'>>, role: Mode): string | null =>
  armOf(run, role) ?? ownArmOf(run, role)

/** The first valid level of an arm at or past its crossing: where it is as busy as it gets. */
export function levelAtCrossing(
  run: Unanalysed,
  { arm, users }: { readonly arm: string; readonly users: number | null },
): Level | null {
  if (users === null) return null
  const past = (level: Level) => level.users >= users && level.valid.length > 0
  return levels(run, arm).find(past) ?? null
}
