import {
  type Answer,
  answerFault,
  type AnswerRule,
  answerRule,
  readJson,
  shapeOf,
  statusRule,
} from './answer.ts'
import { isSecret, type ScenarioFile, type ScenarioStep, type ValueOf } from './format.ts'
import { headerTemplate, jsonTemplate, pathTemplate, pointer, type Values } from './template.ts'

/** Uniform in [0, 1). */
export type Random = () => number

/** Integer, uniform in [0, `below`). */
export const drawInteger = (random: Random, below: number): number => Math.floor(random() * below)

/** One request; `path` is below the base path of the load's URL, `headers` are whole lines. */
export type HttpRequest = Readonly<{
  method: ScenarioStep['method']
  path: string
  headers?: string
  body?: string
}>

/** What the content of an answer can be wrong in; the transport has classes of its own. */
type ContentError = 'invalid-body' | `status-${number}`

/** What an answer means for the journey. */
export type Verdict =
  | Readonly<{ kind: 'next'; step: Step }>
  | Readonly<{ kind: 'complete' }>
  | Readonly<{ kind: 'failed'; error: ContentError }>

/** One step of a journey: what to send, and how to judge what comes back. */
export type Step = Readonly<{
  endpoint: string
  request: HttpRequest
  /** Units ordered by this request: the audit counts them. Absent for requests that order nothing. */
  orderedQuantity?: number
  judge(answer: Answer): Verdict
  /** What it was made of. */
  known: Values
  /** Why `judge` calls an answer failed, in words; null if it does not. @param known of this step */
  explain(answer: Answer, known: Values): string | null
}>

export type Journey = Readonly<{
  /** What it asks for, in the order of its steps. */
  endpoints: readonly string[]
  /** Its first step. All of its choices come from `random`. */
  begin(random: Random): Step
  /** What a new user does before it, where that is asked for; null: there is no such thing. */
  signIn: ((random: Random) => Step) | null
}>

/** A step of the scenario, made of what is known when it is taken. */
type MakeStep = (values: Values, random: Random) => Step

/**
 * The steps of a scenario as functions, one after another: nothing of the file is read again under load. An
 * answer that is not as its step expects ends the journey.
 *
 * @param inCode rules of the scenario's own file, by name
 * @param env where its secrets are
 */
export function compileJourney(
  { values = {}, signIn, steps }: Pick<ScenarioFile, 'values' | 'signIn' | 'steps'>,
  inCode: ReadonlyMap<string, AnswerRule>,
  env: NodeJS.ProcessEnv = {},
): Journey {
  const all = Object.entries(values).map(
    ([name, value]) => [name, isSecret(value) ? (env[value.env] ?? '') : value] as const,
  )
  // In the order of the file: what code makes may be of what was drawn before it.
  const made = all.flatMap(([name, value]) =>
    typeof value === 'object' ? [[name, makerOf(value, inCode)] as const] : [],
  )
  const constants = Object.fromEntries(all.filter(([, value]) => typeof value !== 'object'))
  const taken = new Set(steps.flatMap(({ take = {} }) => Object.keys(take)))
  // A name that a step takes is not the same throughout the journey.
  const fixed = Object.fromEntries(Object.entries(constants).filter(([name]) => !taken.has(name)))
  const first = steps.reduceRight<MakeStep | null>(
    (next, step) => compileStep(step, fixed, inCode, next),
    null,
  )
  if (first === null) throw new Error('a journey has a step')
  const drawn = (random: Random): Values => {
    const known: Record<string, unknown> = { ...constants }
    for (const [name, make] of made) known[name] = make(random, known)
    return known
  }
  const entry = signIn && compileStep({ endpoint: 'sign-in', ...signIn }, fixed, inCode, null)
  return {
    endpoints: [...new Set(steps.map(({ endpoint }) => endpoint))],
    begin: (random) => first(drawn(random), random),
    signIn: entry === undefined ? null : (random) => entry(drawn(random), random),
  }
}

function makerOf(
  value: Exclude<ValueOf, string | number>,
  inCode: ReadonlyMap<string, unknown>,
): (random: Random, known: Values) => unknown {
  if ('code' in value) {
    const compute = inCode.get(value.code) as (known: Values) => unknown
    return (_, known) => compute(known)
  }
  if ('oneOf' in value) {
    const { oneOf: list } = value
    return (random) => list[drawInteger(random, list.length)]
  }
  const { from, to, step = 1 } = value
  const below = Math.floor((to - from) / step) + 1
  return (random) => from + step * drawInteger(random, below)
}

const INVALID: Verdict = { kind: 'failed', error: 'invalid-body' }
const COMPLETE: Verdict = { kind: 'complete' }

function compileStep(
  step: ScenarioStep,
  constants: Values,
  inCode: ReadonlyMap<string, AnswerRule>,
  next: MakeStep | null,
): MakeStep {
  const { endpoint, orders, expect = {} } = step
  const request = compileRequest(step, constants)
  const rule = answerRule(expect, inCode)
  const take = compileTake(step.take ?? {})
  const readsBody = rule !== null || take !== null
  const isGood = statusRule(expect.status)
  const explain = compileExplain(step, inCode)

  return (values, random) => {
    const judge = (answer: Answer): Verdict => {
      if (!isGood(answer.status)) return { kind: 'failed', error: `status-${answer.status}` }
      let known: Values | null = values
      if (readsBody) {
        const body = readJson(answer)
        if (body === undefined || (rule !== null && !rule(body, values))) return INVALID
        if (take !== null) known = take(body, values, random)
        if (known === null) return INVALID
      }
      return next === null ? COMPLETE : { kind: 'next', step: next(known, random) }
    }
    return orders === undefined
      ? { endpoint, request: request(values), judge, known: values, explain }
      : {
          endpoint,
          request: request(values),
          orderedQuantity: orders,
          judge,
          known: values,
          explain,
        }
  }
}

function compileExplain(
  { expect = {}, take = {} }: ScenarioStep,
  inCode: ReadonlyMap<string, AnswerRule>,
): Step['explain'] {
  const finds = Object.entries(take).map(([name, from]) => ({
    name,
    from,
    find: compileFind(from),
  }))
  const faultOf = answerFault(expect, inCode, finds.length > 0)
  return (answer, known) => {
    const fault = faultOf(answer, known)
    if (fault !== null || finds.length === 0) return fault
    const body = readJson(answer)
    const missing = finds.find(({ find }) => find(body, () => 0) === undefined)
    if (missing === undefined) return null
    return `there is no {${missing.name}} at ${JSON.stringify(missing.from)} in the answer (${shapeOf(body)})`
  }
}

function compileRequest(
  { method, path, headers, body }: ScenarioStep,
  constants: Values,
): (values: Values) => HttpRequest {
  const pathOf = pathTemplate(path, constants)
  const bodyOf = body === undefined ? null : jsonTemplate(body, constants)
  const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`)
  if (lines.length === 0 && bodyOf === null) return (values) => ({ method, path: pathOf(values) })
  if (lines.length === 0 && bodyOf !== null)
    return (values) => ({ method, path: pathOf(values), body: bodyOf(values) })
  const headersOf = headerTemplate(lines.join(''), constants)
  return (values) => ({
    method,
    path: pathOf(values),
    headers: headersOf(values),
    ...(bodyOf === null ? {} : { body: bodyOf(values) }),
  })
}

/** What is known with what is taken from an answer; null where something is not there. */
type Take = (body: unknown, values: Values, random: Random) => Values | null

function compileTake(take: NonNullable<ScenarioStep['take']>): Take | null {
  const finds = Object.entries(take).map(([name, from]) => [name, compileFind(from)] as const)
  if (finds.length === 0) return null
  return (body, values, random) => {
    const known: Record<string, unknown> = { ...values }
    for (const [name, find] of finds) {
      const found = find(body, random)
      if (found === undefined) return null
      known[name] = found
    }
    return known
  }
}

function compileFind(
  from: NonNullable<ScenarioStep['take']>[string],
): (body: unknown, random: Random) => unknown {
  if (typeof from === 'string') return pointer(from)
  const [list, member] = [pointer(from.any), pointer(from.at)]
  const { where } = from
  const [tested, wanted] = [where && pointer(where.at), where?.equals]
  return (body, random) => {
    const all = list(body)
    const elements =
      tested && Array.isArray(all) ? all.filter((each) => tested(each) === wanted) : all
    if (!Array.isArray(elements) || elements.length === 0) return undefined
    return member(elements[drawInteger(random, elements.length)])
  }
}
