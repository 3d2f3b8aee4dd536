import type { Run } from '../../measurement/run.ts'
import { ARTICLE_ARMS, type Role } from '../article.ts'
import { modeOf } from '../mode-of.ts'

/**
 * Which arm of a run plays a part of the article: its own contender if it ran, else the arm that is
 * named after the mode, else the first that promises it; null if none does.
 */
export function armOf(run: Pick<Run, 'configuration'>, role: Role): string | null {
  const names = run.configuration.arms.map(({ name }) => name)
  const preferred = [ARTICLE_ARMS[role], role].find((name) => names.includes(name))
  return preferred ?? names.find((name) => modeOf(run, name) === role) ?? null
}
