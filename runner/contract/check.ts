import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import type { ContractFailure } from '../measurement/trial.ts'
import {
  type Case,
  JOURNEY_CASES,
  type Known,
  ORDER_CASES,
  REFUSED_READS,
  ROUTING_CASES,
} from './cases.ts'

export const CONTRACT_CASES: readonly Case[] = [
  ...JOURNEY_CASES,
  ...REFUSED_READS,
  ...ORDER_CASES,
  ...ROUTING_CASES,
]

const TIMEOUT_MS = 10_000

/**
 * Runs the contract's suite against a service, one case after another.
 *
 * @param url base URL, without a slash at the end
 * @returns the cases that failed; empty if the service keeps the contract
 */
export async function checkContract(url: string, shapes: ShapeCheck): Promise<ContractFailure[]> {
  const known: Known = { productId: 1, sold: 0, orderId: 1 }
  const failures: ContractFailure[] = []
  for (const each of CONTRACT_CASES) {
    const got = await tryCase(url, each, known, shapes)
    if (got === null) continue
    const { method, path } = each.request(known)
    const name = `${each.name} (${method} ${path})`
    failures.push({ name, expected: `status ${each.status}`, got, remedy: each.remedy })
  }
  return failures
}

/** @returns what was got instead; null if the case holds */
async function tryCase(
  url: string,
  each: Case,
  known: Known,
  shapes: ShapeCheck,
): Promise<string | null> {
  const { method, path, headers = {}, body = null } = each.request(known)
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const answer = await fetch(url + path, { method, headers, body, signal, redirect: 'manual' })
    const text = await answer.text()
    if (answer.status !== each.status) return `status ${answer.status}: ${text.slice(0, 200)}`
    const parsed: unknown = JSON.parse(text)
    const type = answer.headers.get('content-type') ?? ''
    const shape = shapes(each.template, method, each.status, type, parsed)
    return shape ?? each.check?.({ headers: answer.headers, body: parsed }, known) ?? null
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return cause instanceof Error ? cause.message : String(cause)
  }
}

/** @returns what is wrong with the answer by the contract's schemas; null if nothing */
export type ShapeCheck = (
  template: string,
  method: string,
  status: number,
  contentType: string,
  body: unknown,
) => string | null

type ResponseSpec = { $ref?: string; content?: Record<string, { schema: unknown }> }
type Contract = {
  paths: Record<string, Record<string, { responses?: Record<string, ResponseSpec> }>>
}

/** RFC 3339, section 5.6. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** The shapes that services/contract.yaml (OpenAPI 3.1, so JSON Schema 2020-12) promises. */
export function contractShapes(contractYaml: string): ShapeCheck {
  const contract = parse(contractYaml) as Contract
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': DATE_TIME, uri: true } })
  ajv.addSchema(contract, 'contract')
  const compiled = new Map<string, ValidateFunction>()

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
    const reference = `contract${base}/content/${escape(type)}/schema`
    const validate = compiled.get(reference) ?? ajv.compile({ $ref: reference })
    compiled.set(reference, validate)
    if (validate(body)) return null
    const [error] = validate.errors ?? []
    return `${error?.instancePath || 'the body'} ${error?.message ?? 'is wrong'}`
  }
}

function contractDefault(
  contract: Contract,
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

function follow(contract: Contract, reference: string): ResponseSpec {
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
