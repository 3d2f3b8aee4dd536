import { Compile, type Validator } from 'typebox/schema'
import { parse } from 'yaml'
import { withoutSecretsOf } from '../foreign/address.ts'
import { printableLine } from '../foreign/printable.ts'
import { parseForeignJson, type ReadAnswer, readAnswer } from '../foreign/read.ts'
import type { ContractFailure } from '../measurement/trial.ts'
import type { Contract, ContractCase } from '../scenario/scenario.ts'

const TIMEOUT_MS = 10_000

/** Cases in a row without an answer after which the rest is not asked: each may take 10 s. */
const UNANSWERED = 3

/**
 * Runs the suite of a contract against a service, one case after another.
 *
 * @param url base URL, without a slash at the end
 * @param onCase called before each case with its number, from 1
 * @returns the cases that failed; empty if the service keeps the contract
 * @throws where the service answers nothing at all
 */
export async function checkContract(
  url: string,
  contract: Contract,
  onCase: (number: number) => void = () => {},
): Promise<ContractFailure[]> {
  const { cases } = contract
  const shapes = contractShapes(contract.yaml)
  const known = contract.begin()
  const failures: ContractFailure[] = []
  let unanswered = 0
  for (const [at, each] of cases.entries()) {
    onCase(at + 1)
    const asked = { headers: {}, body: null, ...each.request(known) }
    const failure = {
      name: `${each.name} (${asked.method} ${asked.path})`,
      expected: `status ${each.status}`,
      remedy: each.remedy,
    }
    let answer: ReadAnswer
    try {
      answer = await readAnswer(url + asked.path, { ...asked, withinMs: TIMEOUT_MS })
      unanswered = 0
    } catch (error) {
      unanswered += 1
      failures.push({ ...failure, got: shortened(`no answer: ${messageOf(error)}`, url) })
      if (unanswered < UNANSWERED) continue
      if (at + 1 === UNANSWERED) throw error
      const left = cases.length - at - 1
      if (left > 0) failures.push({ ...NOT_ASKED, got: `${left} cases were not asked` })
      return failures
    }
    const got = judgeAnswer(answer, each, asked.method, known, shapes)
    if (got !== null) failures.push({ ...failure, got: shortened(got, url) })
  }
  return failures
}

const NOT_ASKED = {
  name: 'the rest of the suite',
  expected: 'answers',
  remedy: `After ${UNANSWERED} cases in a row without an answer the rest is not asked.`,
}

/** @returns what was got instead; null if the case holds */
function judgeAnswer(
  { status, headers, text }: ReadAnswer,
  each: ContractCase,
  method: string,
  known: object,
  shapes: ShapeCheck,
): string | null {
  if (status !== each.status) return `status ${status}: ${text}`
  try {
    const body = parseForeignJson(text)
    const type = headers['content-type'] ?? ''
    const shape = shapes(each.template, method, each.status, type, body)
    return shape ?? each.check?.({ headers, body }, known) ?? null
  } catch (error) {
    return `status ${status}, ${messageOf(error)}: ${text}`
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

/** Characters of an answer that are kept: a service may say as much as it likes, run.json may not. */
const MOST = 240

function shortened(text: string, url: string): string {
  const line = withoutSecretsOf(url, printableLine(text.slice(0, 4 * MOST)))
  return line.length <= MOST ? line : `${line.slice(0, MOST)}…`
}

/** @returns what is wrong with the answer by the contract's schemas; null if nothing */
type ShapeCheck = (
  template: string,
  method: string,
  status: number,
  contentType: string,
  body: unknown,
) => string | null

type ResponseSpec = { $ref?: string; content?: Record<string, { schema: unknown }> }
type OpenApi = {
  paths: Record<string, Record<string, { responses?: Record<string, ResponseSpec> }>>
}

/** The shapes that services/contract.yaml (OpenAPI 3.1, so JSON Schema 2020-12) promises. */
export function contractShapes(contractYaml: string): ShapeCheck {
  const contract = parse(contractYaml) as OpenApi
  const compiled = new Map<string, Validator>()

  return (template, method, status, contentType, body) => {
    const responses = contract.paths[template]?.[method.toLowerCase()]?.responses
    const where = ['paths', template, method.toLowerCase(), 'responses', String(status)]
    const response = responses?.[status] ?? contractDefault(contract, template, status)
    if (response === undefined) return null
    const base = response.$ref ?? pointer(where)
    const content = response.$ref ? follow(contract, response.$ref).content : response.content
    const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
    if (content === undefined) return null
    if (content[type] === undefined) {
      return `Content-Type ${contentType || 'none'} instead of ${Object.keys(content).join(', ')}`
    }
    const reference = `${base}/content/${escape(type)}/schema`
    // Within the contract, where its own references lead; none of its other members means anything to a schema.
    const schema = compiled.get(reference) ?? Compile({ ...contract, $ref: reference })
    compiled.set(reference, schema)
    if (schema.Check(body)) return null
    const [, [error]] = schema.Errors(body)
    return `${error?.instancePath || 'the body'} ${error?.message ?? 'is wrong'}`
  }
}

function contractDefault(
  contract: OpenApi,
  template: string,
  status: number,
): ResponseSpec | undefined {
  if (status !== 405) return undefined
  // A method that a path does not have is described at those that it has.
  const [operation] = Object.values(contract.paths[template] ?? {}).flatMap(
    (candidate) => candidate.responses?.[status] ?? [],
  )
  return operation
}

function follow(contract: OpenApi, reference: string): ResponseSpec {
  const path = reference.replace(/^#\//, '').split('/').map(unescape)
  return path.reduce<unknown>(
    (at, key) => (at as Record<string, unknown>)[key],
    contract,
  ) as ResponseSpec
}

const pointer = (path: readonly string[]): string => `#/${path.map(escape).join('/')}`
const escape = (key: string): string =>
  encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
const unescape = (key: string): string =>
  decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
