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

const Choice = object({
  any: Pointer,
  at: Pointer,
  where: Type.Optional(object({ at: Pointer, equals: Scalar })),
})

const REQUEST = {
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
  expect: Expectation,
}

const SignIn = object(REQUEST, {
  description:
    'What a new user does first, where it is asked for; what it is answered is not kept.',
})

const Step = object({
  endpoint: nameOf('Name under which its requests are counted; `all` is taken.'),
  ...REQUEST,
  orders: Type.Optional(
    Type.Integer({ minimum: 1, description: 'Units that it orders, which the audit counts.' }),
  ),
  take: Type.Optional(
    Type.Record(Type.String({ pattern: VALUE }), Type.Union([Pointer, Choice]), {
      description:
        'What later steps use: at a pointer, or there in any element of a list, of those that are as `where` says.',
    }),
  ),
})
export type ScenarioStep = Static<typeof Step>

const Draw = object({
  from: Type.Integer(),
  to: Type.Integer(),
  step: Type.Integer({ minimum: 1 }),
})
export type Draw = Static<typeof Draw>

/** By a function of the file that `answers` names, of the values before it. */
const Computed = object({ code: Type.String({ pattern: VALUE }) })
export type Computed = Static<typeof Computed>

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
  secret: Type.Optional(
    Type.String({
      pattern: '^[A-Z][A-Z0-9_]{0,63}$',
      description:
        'Variable with a secret that the users and the service share, such as one of tokens.',
    }),
  ),
  values: Type.Optional(
    Type.Record(
      Type.String({ pattern: VALUE }),
      Type.Union([Type.String(), Type.Number(), Draw, Computed]),
      {
        description:
          'Constants, integers that each journey draws, and what code makes of those before.',
      },
    ),
  ),
  signIn: Type.Optional(SignIn),
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
  const document = parseDocument(yaml)
  const [broken] = document.errors
  if (broken !== undefined) throw new ScenarioError(`${path}: ${broken.message.split('\n')[0]}`)
  const data: unknown = document.toJS()
  const fault = Value.Check(ScenarioFile, data) ? faultIn(data) : shapeFault(data)
  if (fault === null) return data as ScenarioFile
  throw located(yaml, path, fault)
}

/** The error of a fault, with its line, and its step if it is in one. */
function located(yaml: string, path: string, fault: Fault): ScenarioError {
  const lines = new LineCounter()
  const document = parseDocument(yaml, { lineCounter: lines })
  const lineOf = (keys: Fault['path']): string => {
    const node = keys.length === 0 ? document.contents : document.getIn(keys, true)
    if (isNode(node) && node.range) return `, line ${lines.linePos(node.range[0]).line}`
    return keys.length === 0 ? '' : lineOf(keys.slice(0, -1))
  }
  const [top, at] = fault.path
  const step =
    top === 'steps' && typeof at === 'number' ? `, ${nameOfStep(document.toJS(), at)}` : ''
  return new ScenarioError(`${path}${lineOf(fault.path)}${step}: ${fault.text}.`)
}

/**
 * Holds the functions that a scenario names against those of its file of code.
 *
 * @param yaml what `file` was read from
 * @throws ScenarioError with the line of the first that is not there, and those that are
 */
export function checkFunctions(
  yaml: string,
  path: string,
  { answers, values = {}, signIn, steps }: ScenarioFile,
  known: ReadonlySet<string>,
): void {
  const named = [
    ...Object.entries(values).map(([name, value]) => ({
      at: ['values', name, 'code'],
      name: typeof value === 'object' && 'code' in value ? value.code : undefined,
    })),
    { at: ['signIn', 'expect', 'answer'], name: signIn?.expect.answer },
    ...steps.map(({ expect }, at) => ({
      at: ['steps', at, 'expect', 'answer'],
      name: expect.answer,
    })),
  ]
  for (const { at, name } of named) {
    if (name === undefined || known.has(name)) continue
    const others = known.size === 0 ? 'none at all' : [...known].toSorted().join(', ')
    throw located(yaml, path, {
      path: at,
      text: `${answers} has no function ${name}; it has ${others}`,
    })
  }
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
function faultIn({ values = {}, answers, signIn, steps }: ScenarioFile): Fault | null {
  const known = new Set(Object.keys(values))
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'object') continue
    const inValues = (text: string): Fault => ({ path: ['values', name], text })
    if ('code' in value && answers === undefined)
      return inValues('`code` names a function, and no file of `answers` is named')
    if ('from' in value && value.from > value.to)
      return inValues(`${name} is drawn from more than it is drawn to`)
  }
  const signInFault = signIn && requestFault(signIn, ['signIn'], known, answers)
  if (signInFault) return signInFault
  for (const [at, step] of steps.entries()) {
    if (step.endpoint === 'all')
      return {
        path: ['steps', at, 'endpoint'],
        text: 'all is the name of all endpoints together',
      }
    const fault = requestFault(step, ['steps', at], known, answers)
    if (fault) return fault
    for (const name of Object.keys(step.take ?? {})) known.add(name)
  }
  return null
}

function requestFault(
  { path, headers, body, expect }: Static<typeof SignIn>,
  where: Fault['path'],
  known: ReadonlySet<string>,
  answers: string | undefined,
): Fault | null {
  const inStep = (key: string, text: string): Fault => ({ path: [...where, key], text })
  for (const [key, template] of Object.entries({ path, headers, body, expect })) {
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
  return null
}
