import { Type, type Static } from 'typebox'
import { nameOf } from '../measurement/text.ts'

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
  status: Type.Optional(
    Type.Integer({ minimum: 200, maximum: 599, description: 'Absent: any of 200 to 299.' }),
  ),
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
  expect: Type.Optional(Expectation),
}

const Request = object(REQUEST)
export type Request = Static<typeof Request>

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
  step: Type.Optional(Type.Integer({ minimum: 1, description: 'Absent: 1.' })),
})

const OneOf = object({ oneOf: Type.Array(Scalar, { minItems: 1, maxItems: 10_000 }) })

const VARIABLE = '^[A-Z][A-Z0-9_]{0,63}$'

/** A secret, such as the token of a user: sent in headers and bodies, and written nowhere. */
const FromEnvironment = object({
  env: Type.String({ pattern: VARIABLE, description: 'Variable of the environment.' }),
})

/** By a function of the file that `answers` names, of the values before it. */
const Computed = object({ code: Type.String({ pattern: VALUE }) })

const ValueSchema = Type.Union([
  Type.String(),
  Type.Number(),
  Draw,
  OneOf,
  FromEnvironment,
  Computed,
])
/** A value as the steps are given it: what is of the environment is a text. */
export type ValueOf = Exclude<Static<typeof ValueSchema>, Static<typeof FromEnvironment>>

/** `500ms`, or a range such as `0ms..1s`. */
const TIME = String.raw`\d+(\.\d+)?(ms|s|m)`

/** The file of a scenario, or of a journey: `name` and `steps` are enough. */
export const ScenarioFile = object({
  name: nameOf('Name of the scenario.'),
  think: Type.Optional(
    Type.String({
      pattern: String.raw`^${TIME}(\.\.${TIME})?$`,
      description: 'Pause of a user after each answer: 500ms, or a range to draw from: 250ms..1s.',
    }),
  ),
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
      pattern: VARIABLE,
      description:
        'Variable with a secret that the users and the service share, such as one of tokens.',
    }),
  ),
  values: Type.Optional(
    Type.Record(Type.String({ pattern: VALUE }), ValueSchema, {
      description:
        'Constants, what each journey draws (an integer of a range, one of a list), secrets of the environment, ' +
        'and what code makes of those before.',
    }),
  ),
  signIn: Type.Optional(SignIn),
  steps: Type.Array(Step, { minItems: 1, maxItems: 100 }),
})
export type ScenarioFile = Static<typeof ScenarioFile>

/** Is it one that is written nowhere? */
export const isSecret = (
  value: NonNullable<ScenarioFile['values']>[string] | undefined,
): value is Static<typeof FromEnvironment> => typeof value === 'object' && 'env' in value
