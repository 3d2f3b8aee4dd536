import { Type } from 'typebox'

const NAME = '^[a-z0-9][a-z0-9-]*$'
const NAME_LENGTH = 64

/** Names become parts of paths, of addresses and of commands to paste: nothing in them needs quoting. */
export const nameOf = (description: string) =>
  Type.String({ pattern: NAME, maxLength: NAME_LENGTH, description })

/** Why a text cannot be a name in run.json; null if it can. */
export function faultOfName(text: string): string | null {
  if (!new RegExp(NAME).test(text)) return 'names are of a-z, 0-9 and -'
  if (text.length <= NAME_LENGTH) return null
  return `a name has at most ${NAME_LENGTH} letters, and ${text} has ${text.length}`
}

/** RFC 3339 in UTC, with as many digits of a second as the clock gave. */
export const instant = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$',
    description,
  })

/** A day, such as 2026-11-25. */
export const dayOf = (description: string) =>
  Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$', description })
