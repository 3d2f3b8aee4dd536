import { type FieldError, type Problem, refuse } from './problems.ts'

/** What was read from a request, or why it is refused. */
export type Input<T> = Readonly<{ value: T }> | Readonly<{ problem: Problem }>

const ID_RULE = 'must be a positive integer of at most 53 bits'

/** An id in a path: a positive integer that a JSON number holds exactly. */
export function pathId(text: string | undefined): Input<number> {
  const value = text !== undefined && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : NaN
  if (Number.isSafeInteger(value)) return { value }
  return { problem: refuse('invalid-field', [{ in: 'path', name: 'id', reason: ID_RULE }]) }
}

type Range = Readonly<{ min: number; max: number }>

/** An integer in a query, or its default if it is absent. */
export function queryInteger(
  name: string,
  text: string | undefined,
  { min, max, absent }: Range & Readonly<{ absent: number }>,
): Input<number> {
  if (text === undefined) return { value: absent }
  if (!/^-?\d+$/.test(text)) {
    const reason = 'must be an integer'
    return { problem: refuse('invalid-field', [{ in: 'query', name, reason }]) }
  }
  const value = Number(text)
  if (min <= value && value <= max) return { value }
  const reason = `must be from ${min} to ${max}`
  return { problem: refuse('out-of-range', [{ in: 'query', name, reason }]) }
}

/** An id in a JSON body; a string of digits is not one. */
export function bodyId(body: object, name: string): number | FieldError {
  const value = member(body, name)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  return { in: 'body', name, reason: value === undefined ? 'is missing' : ID_RULE }
}

/** An integer in a JSON body. Whether it is in range is a question of its own, with another status. */
export function bodyInteger(body: object, name: string): number | FieldError {
  const value = member(body, name)
  if (typeof value === 'number' && Number.isInteger(value)) return value
  return { in: 'body', name, reason: value === undefined ? 'is missing' : 'must be an integer' }
}

/** Own members only: `{}` must not be found to have a `constructor`. */
function member(body: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(body, name)?.value
}
