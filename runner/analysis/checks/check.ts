import type { Reason, Stage } from '../../measurement/stage.ts'
import type { Mode, Trial } from '../../measurement/trial.ts'

/** What can be judged of a stage before it has been judged. */
export type Unjudged = Omit<Stage, 'validity'>

/** What an arm says of itself, null: it promises no mode; and the limits that were read as its trial began. */
export type Promised = Readonly<{ mode: Mode | null; limits?: Trial['limits'] }>

/**
 * Who made a stage fail. `runner`: the load generator could not keep up. `machine`: others took its CPU time.
 * `service`: one at its end fails such a check, so the stage still tells of the service. `setup`: what was
 * measured is not, or not all of, what was to be measured.
 */
type Blame = 'runner' | 'machine' | 'service' | 'setup'

type Judge = (stage: Unjudged, promised: Promised) => Reason | null

/** How a check is made that no figure of the stage shows: while it is measured, or of its whole trial. */
type Elsewhere = 'as-measured' | 'of-trial'

/** A check of a stage: all that the rest of the kit knows of it. */
type Check<Id extends string = string, Bounds = unknown> = Readonly<{
  /** Its name in run.json and in reports. It is never taken away: old files have it. */
  id: Id
  /** Beyond them the figures are not a measurement. Units are in the names; Of: a ratio to what follows. */
  bounds: Bounds
  blames: Blame
  /** May the next stage pass it? Then the search measures once more. */
  transient: boolean
  /** For docs: a stage is INVALID if … */
  sentence: string
  judge: Judge | Elsewhere
  /** Why a figure that it needs could not be read: no reason to reject a stage, but to be said. Null: it was. */
  unread?: (stage: Unjudged, promised: Promised) => string | null
}>

type Written<Id extends string, Bounds> = Omit<Check<Id, Bounds>, 'sentence' | 'judge'> &
  Readonly<{
    sentence: (bounds: Bounds) => string
    /** @returns the figure, what was allowed, and the reason in one sentence; null if the stage passes */
    judge:
      | ((stage: Unjudged, bounds: Bounds, promised: Promised) => Omit<Reason, 'check'> | null)
      | Elsewhere
  }>

/** A check whose judge and sentence are made of its own bounds. */
export function check<const Id extends string, Bounds>(
  written: Written<Id, Bounds>,
): Check<Id, Bounds> {
  const { id, bounds, sentence, judge } = written
  return {
    ...written,
    sentence: sentence(bounds),
    judge:
      typeof judge === 'string'
        ? judge
        : (stage, promised) => {
            const found = judge(stage, bounds, promised)
            return found && { check: id, ...found }
          },
  }
}

export const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`

/** A figure. */
export const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`

/** A bound, which is round. */
export const roundPercent = (ratio: number): string => `${ratio * 100} %`
