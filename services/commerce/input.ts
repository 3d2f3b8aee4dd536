import type { HonoRequest } from 'hono'
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

const NOT_JSON: Problem = {
  code: 'unsupported-media-type',
  detail: 'The body must be application/json.',
}
const MALFORMED: Problem = { code: 'malformed-json', detail: 'The body must be a JSON object.' }

/** The JSON object in the body of a request, or why there is none. */
export async function jsonBody(request: HonoRequest): Promise<Input<object>> {
  if (!/^application\/json *(;|$)/i.test(request.header('content-type') ?? '')) {
    return { problem: NOT_JSON }
  }
  // The parser's message quotes the body, which is not echoed.
  const value: unknown = await request.json().catch(() => undefined)
  return isObject(value) ? { value } : { problem: MALFORMED }
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Own members only: `{}` must not be found to have a `constructor`. */
export function member(body: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(body, name)?.value
}

/** An id in a JSON body; a string of digits is not one. `name`: as the reader of a problem finds it. */
export function idOf(value: unknown, name: string): number | FieldError {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  return refusedField(value, name, ID_RULE)
}

/** An integer in a JSON body. Whether it is in range is a question of its own, with another status. */
export function integerOf(value: unknown, name: string): number | FieldError {
  if (typeof value === 'number' && Number.isInteger(value)) return value
  return refusedField(value, name, 'must be an integer')
}

export function textOf(
  value: unknown,
  name: string,
  form: RegExp,
  rule: string,
): string | FieldError {
  if (typeof value === 'string' && form.test(value)) return value
  return refusedField(value, name, rule)
}

export const refusedField = (value: unknown, name: string, rule: string): FieldError => ({
  in: 'body',
  name,
  reason: value === undefined ? 'is missing' : rule,
})
