import { isNode, LineCounter, parseDocument } from 'yaml'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { nameOf } from '../measurement/text.ts'
import { namesIn, soleName } from './template.ts'

/** An object that has no other members: a name that is misspelt is not passed over. */
const object = <T extends Type.TProperties>(properties: T, options: Type.TObjectOptions = {}) =>
  Type.Object(properties, { ...options, additionalProperties: false })

const Path = Type.String({ minLength: 1, description: 'A file, from the folder of this one.' })
const Pointer = Type.String({
  pattern: '^(/([^~/]|~0|~1)*)*$',
  description: 'JSON pointer (RFC 6901), such as /items/0/id; empty: the whole body.',
})
const VALUE = '^[A-Za-z][A-Za-z0-9]*$'
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])

const Rule = object({
  at: Pointer,
  type: Type.Optional(
    Type.Enum(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']),
  ),
  equals: Type.Optional(Scalar),
  count: Type.Optional(Type.Integer({ minimum: 0, description: 'Elements of a list.' })),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
})
export type Rule = Static<typeof Rule>

const Expectation = object({
  status: Type.Integer({ minimum: 200, maximum: 599 }),
  answer: Type.Optional(
    Type.String({ pattern: VALUE, description: 'A function of the file that `answers` names.' }),
  ),
  json: Type.Optional(
    Type.Array(Rule, { description: 'What must be at a pointer, which must lead to something.' }),
  ),
})
export type Expectation = Static<typeof Expectation>

const Step = object({
  endpoint: nameOf('Name under which its requests are counted; `all` is taken.'),
  method: Type.Enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: Type.String({ pattern: '^/[!-~]*$', description: 'Below the base URL, with {places}.' }),
  headers: Type.Optional(
    Type.Record(
      Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" }),
      Type.String({ pattern: '^[\\t\\x20-\\x7e]*$' }),
    ),
  ),
  body: Type.Optional(
    Type.Unknown({ description: 'JSON. A text that is one {place} becomes its value.' }),
  ),
  orders: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Units that it orders, which the audit counts.' }),
  ),
  expect: Expectation,
  take: Type.Optional(
    Type.Record(
      Type.String({ pattern: VALUE }),
      Type.Union([Pointer, object({ any: Pointer, at: Pointer })]),
      {
        description: 'What later steps use: at a pointer, or there in any element of a list.',
      },
    ),
  ),
})
export type ScenarioStep = Static<typeof Step>

const Draw = object({
  from: Type.Integer(),
  to: Type.Integer(),
  step: Type.Integer({ minimum: 1 }),
})
export type Draw = Static<typeof Draw>

/** The file of a scenario. */
const ScenarioFile = object({
  name: nameOf('Name of the scenario.'),
  contract: Type.Optional(
    object({ openapi: Path, cases: Path }, { description: 'What its service must answer.' }),
  ),
  database: Type.Optional(
    object({
      name: nameOf('Of the database and of its owner.'),
      sql: Type.Array(Path, { minItems: 1, description: 'Statements that make it, in order.' }),
      audit: Type.Optional(Path),
    }),
  ),
  answers: Type.Optional(Path),
  values: Type.Optional(
    Type.Record(Type.String({ pattern: VALUE }), Type.Union([Type.String(), Type.Number(), Draw]), {
      description: 'Constants, and integers that each journey draws.',
    }),
  ),
  steps: Type.Array(Step, { minItems: 1, maxItems: 100 }),
})
export type ScenarioFile = Static<typeof ScenarioFile>

/** A scenario cannot be used as it is written; the message says where. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError'
}

type Fault = Readonly<{ path: readonly (string | number)[]; text: string }>

/**
 * Reads the YAML of a scenario.
 *
 * @param path of the file, for messages
 * @throws ScenarioError with the line, and the step if it is in one
 */
export function parseScenario(yaml: string, path: string): ScenarioFile {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined) throw new ScenarioError(`${path}: ${broken.message.split('\n')[0]}`)
  const data: unknown = document.toJS()
  const fault = Value.Check(ScenarioFile, data) ? faultIn(data) : shapeFault(data)
  if (fault === null) return data as ScenarioFile

  const lineOf = (keys: Fault['path']): string => {
    const node = keys.length === 0 ? document.contents : document.getIn(keys, true)
    if (isNode(node) && node.range) return `, line ${lines.linePos(node.range[0]).line}`
    return keys.length === 0 ? '' : lineOf(keys.slice(0, -1))
  }
  const [top, at] = fault.path
  const step = top === 'steps' && typeof at === 'number' ? `, ${nameOfStep(data, at)}` : ''
  throw new ScenarioError(`${path}${lineOf(fault.path)}${step}: ${fault.text}.`)
}

function nameOfStep(data: unknown, at: number): string {
  const endpoint: unknown = Value.Pointer.Get(data, `/steps/${at}/endpoint`)
  return `step ${at + 1}${typeof endpoint === 'string' ? ` (${endpoint})` : ''}`
}

/** The first field that is not as the schema says; of a choice, what is said of the field itself. */
function shapeFault(data: unknown): Fault {
  const errors = [...Value.Errors(ScenarioFile, data)]
  const unknown = errors.find(({ keyword }) => keyword === 'additionalProperties')
  const error = unknown ?? errors.find(({ keyword }) => keyword !== 'boolean')
  const path = (error?.instancePath ?? '')
    .split('/')
    .slice(1)
    .map((key) =>
      /^\d+$/.test(key) ? Number(key) : key.replaceAll('~1', '/').replaceAll('~0', '~'),
    )
  if (unknown !== undefined) {
    const { additionalProperties: names } = unknown.params as { additionalProperties: string[] }
    return { path: [...path, names[0] ?? ''], text: `there is no ${names.join(', ')} here` }
  }
  return { path, text: `${path.join(' ')} ${error?.message ?? 'is wrong'}`.trim() }
}

/** What a schema does not see: names that are not known at a step, and draws of nothing. */
function faultIn({ values = {}, answers, steps }: ScenarioFile): Fault | null {
  const known = new Set(Object.keys(values))
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'object' && value.from > value.to)
      return { path: ['values', name], text: `${name} is drawn from more than it is drawn to` }
  }
  for (const [at, step] of steps.entries()) {
    const { endpoint, path, headers, body, expect, take } = step
    const inStep = (key: string, text: string): Fault => ({ path: ['steps', at, key], text })
    if (endpoint === 'all') return inStep('endpoint', 'all is the name of all endpoints together')
    const used = { path, headers, body, expect }
    for (const [key, template] of Object.entries(used)) {
      const stranger = namesIn(template).find((name) => !known.has(name))
      if (stranger !== undefined)
        return inStep(key, `{${stranger}} is no value, and no step before takes it`)
    }
    for (const { equals } of expect.json ?? []) {
      if (namesIn(equals).length > 0 && soleName(equals) === null)
        return inStep('expect', `equals is one {name} or a constant, not "${String(equals)}"`)
    }
    if (expect.answer !== undefined && answers === undefined)
      return inStep('expect', '`answer` names a function, and no file of `answers` is named')
    for (const name of Object.keys(take ?? {})) known.add(name)
  }
  return null
}
