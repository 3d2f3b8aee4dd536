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
  expect: Expectation,
  inCode: ReadonlyMap<string, AnswerRule>,
): AnswerRule | null {
  const [only, ...more] = rulesOf(expect, inCode).map(({ holds }) => holds)
  if (only === undefined || more.length === 0) return only ?? null
  return (body, values) => only(body, values) && more.every((rule) => rule(body, values))
}

/** A rule, and how it reads. */
type NamedRule = Readonly<{ text: string; holds: AnswerRule }>

function rulesOf({ answer, json = [] }: Expectation, inCode: ReadonlyMap<string, AnswerRule>) {
  const coded = answer === undefined ? undefined : inCode.get(answer)
  const first: NamedRule[] =
    coded === undefined ? [] : [{ text: `by the rule ${answer}`, holds: coded }]
  return [...first, ...json.map((rule) => ({ text: JSON.stringify(rule), holds: ruleOf(rule) }))]
}

/**
 * Why an answer is not what a step expects, for whoever wrote the step; null if it is. Of the body its names alone are
 * told: what stands there may be a token.
 */
export function answerFault(
  expect: Expectation,
  inCode: ReadonlyMap<string, AnswerRule>,
  needsJson: boolean,
): (got: Answer, values: Values) => string | null {
  const { status } = expect
  const rules = rulesOf(expect, inCode)
  const isGood = statusRule(status)
  return (got, values) => {
    if (!isGood(got.status)) return `status ${got.status}, not ${status ?? '200 to 299'}`
    if (!needsJson && rules.length === 0) return null
    const body = readJson(got)
    if (body === undefined) return 'the body is no JSON that is declared as application/json'
    const broken = rules.find(({ holds }) => !holds(body, values))
    return broken === undefined
      ? null
      : `the answer (${shapeOf(body)}) is not as expected: ${broken.text}`
  }
}

/** @param promised absent: any that means success */
export const statusRule = (promised: number | undefined): ((status: number) => boolean) =>
  promised === undefined
    ? (status) => status >= 200 && status < 300
    : (status) => status === promised

const MOST_NAMES = 12

/** What it is, with the names of its members. */
export function shapeOf(body: unknown): string {
  if (Array.isArray(body)) return `a list of ${body.length}`
  if (typeof body !== 'object' || body === null) return body === null ? 'null' : `a ${typeof body}`
  const names = Object.keys(body)
  const more = names.length > MOST_NAMES ? ', …' : ''
  return names.length === 0
    ? 'an object without members'
    : `an object with ${names.slice(0, MOST_NAMES).join(', ')}${more}`
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
