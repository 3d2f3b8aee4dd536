import { Type } from 'typebox'

/** Names become parts of paths, of addresses and of commands to paste: nothing in them needs quoting. */
export const nameOf = (description: string) =>
  Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$', maxLength: 64, description })

/** RFC 3339 in UTC, with as many digits of a second as the clock gave. */
export const instant = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$',
    description,
  })
