import { isUtf8 } from 'node:buffer'
import type { Expectation, Rule } from './format.ts'
import { pointer, soleName, type Values } from './template.ts'

/** A whole response. `body` is only valid until the judge returns; `headers`: names and values in turn. */
export type Answer = Readonly<{ status: number; headers: readonly string[]; body: Buffer }>

/** A rule in code, from the file that a scenario names: is this the answer that was asked for? */
export type AnswerRule = (body: unknown, values: Values) => boolean

/** The JSON of a body that is declared as JSON and is UTF-8; undefined if it is not. */
export function readJson({ headers, body }: Answer): unknown {
  if (!isDeclaredJson(headers) || !isUtf8(body)) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

const TYPE = 'content-type'

/** `application/json`, whatever its parameters. */
function isDeclaredJson(headers: readonly string[]): boolean {
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]
    if (name?.length !== TYPE.length || name.toLowerCase() !== TYPE) continue
    return headers[at + 1] === JSON_TYPE || OTHER_JSON_TYPE.test(headers[at + 1] ?? '')
  }
  return false
}

const JSON_TYPE = 'application/json'
const OTHER_JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i

/** All that a step expects of the JSON of its answer, as one function; null if it expects nothing of it. */
export function answerRule(
  { answer, json = [] }: Expectation,
  inCode: ReadonlyMap<string, AnswerRule>,
): AnswerRule | null {
  const coded = answer === undefined ? undefined : inCode.get(answer)
  const [only, ...more] = [...(coded === undefined ? [] : [coded]), ...json.map(ruleOf)]
  if (only === undefined || more.length === 0) return only ?? null
  return (body, values) => only(body, values) && more.every((rule) => rule(body, values))
}

function ruleOf({ at, type, equals, count, min = -Infinity, max = Infinity }: Rule): AnswerRule {
  const find = pointer(at)
  const name = soleName(equals)
  const isOfType = type === undefined ? () => true : TYPES[type]
  const hasRange = min !== -Infinity || max !== Infinity
  return (body, values) => {
    const found = find(body)
    if (found === undefined || !isOfType(found)) return false
    if (equals !== undefined && found !== (name === null ? equals : values[name])) return false
    if (count !== undefined && !(Array.isArray(found) && found.length === count)) return false
    return !hasRange || (typeof found === 'number' && found >= min && found <= max)
  }
}

const TYPES: Readonly<Record<NonNullable<Rule['type']>, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  null: (value) => value === null,
}
