import { isNode, LineCounter, parseDocument } from 'yaml'
import { Value } from 'typebox/value'
import { isSecret, type Request, ScenarioFile } from './format.ts'
import { namesIn, soleName } from './template.ts'

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
 * Holds what a scenario names against what there is: functions of its file of code, variables of the environment.
 *
 * @param yaml what `file` was read from
 * @throws ScenarioError with the line of the first that is not there
 */
export function checkNamed(
  yaml: string,
  path: string,
  { answers, values = {}, signIn, steps }: ScenarioFile,
  { functions: known, env }: Readonly<{ functions: ReadonlySet<string>; env: NodeJS.ProcessEnv }>,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (!isSecret(value) || env[value.env]) continue
    const text = `${value.env} is not set: put the value into this variable, and export it`
    throw located(yaml, path, { path: ['values', name], text })
  }
  const named = [
    ...Object.entries(values).map(([name, value]) => ({
      at: ['values', name, 'code'],
      name: typeof value === 'object' && 'code' in value ? value.code : undefined,
    })),
    { at: ['signIn', 'expect', 'answer'], name: signIn?.expect?.answer },
    ...steps.map(({ expect }, at) => ({
      at: ['steps', at, 'expect', 'answer'],
      name: expect?.answer,
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
  const strange = errors.find(({ keyword }) => keyword === 'additionalProperties')
  // Of a choice, the other forms find the members strange: what is wrong within one of them says more.
  const within = `${strange?.instancePath}/`
  const inside = errors.find(
    ({ instancePath, keyword }) => keyword !== 'boolean' && instancePath.startsWith(within),
  )
  const unknown = inside === undefined ? strange : undefined
  const error = inside ?? unknown ?? errors.find(({ keyword }) => keyword !== 'boolean')
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
function faultIn(file: ScenarioFile): Fault | null {
  const { values = {}, answers, signIn, steps } = file
  const known = new Set(Object.keys(values))
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'object') continue
    const inValues = (text: string): Fault => ({ path: ['values', name], text })
    if ('code' in value && answers === undefined)
      return inValues('`code` names a function, and no file of `answers` is named')
    if ('from' in value && value.from > value.to)
      return inValues(`${name} is drawn from more than it is drawn to`)
  }
  const signInFault = signIn && requestFault(signIn, ['signIn'], known, file)
  if (signInFault) return signInFault
  for (const [at, step] of steps.entries()) {
    if (step.endpoint === 'all')
      return {
        path: ['steps', at, 'endpoint'],
        text: 'all is the name of all endpoints together',
      }
    const fault = requestFault(step, ['steps', at], known, file)
    if (fault) return fault
    for (const name of Object.keys(step.take ?? {})) known.add(name)
  }
  return null
}

function requestFault(
  { path, headers, body, expect = {} }: Request,
  where: Fault['path'],
  known: ReadonlySet<string>,
  { values = {}, answers }: Pick<ScenarioFile, 'values' | 'answers'>,
): Fault | null {
  const inStep = (key: string, text: string): Fault => ({ path: [...where, key], text })
  for (const [key, template] of Object.entries({ path, headers, body, expect })) {
    const stranger = namesIn(template).find((name) => !known.has(name))
    if (stranger !== undefined)
      return inStep(key, `{${stranger}} is no value, and no step before takes it`)
  }
  const secret = namesIn(path).find((name) => isSecret(values[name]))
  if (secret !== undefined)
    return inStep('path', `{${secret}} is of the environment: it goes into headers and bodies`)
  for (const { equals } of expect.json ?? []) {
    if (namesIn(equals).length > 0 && soleName(equals) === null)
      return inStep('expect', `equals is one {name} or a constant, not "${String(equals)}"`)
  }
  if (expect.answer !== undefined && answers === undefined)
    return inStep('expect', '`answer` names a function, and no file of `answers` is named')
  return null
}
