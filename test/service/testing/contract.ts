import { readFile } from 'node:fs/promises'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'

type Media = { schema: object; example?: unknown }
type Response = { $ref?: string; content?: Record<string, Media> }
type Operation = { responses: Record<string, Response> }
type Contract = {
  paths: Record<string, Record<string, Operation>>
  components: { responses: Record<string, Response> }
}

export type ContractResponses = Readonly<{
  /** What is wrong with an answer, by the contract's word on that path and method. */
  faultOf(
    answer: Readonly<{ path: string; method: string; status: number; type: string; body: unknown }>,
  ): string | undefined
  invalidExamples(): string[]
}>

/** RFC 3339, section 5.6. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** Stricter than the runner's check: a status that the contract does not name is a fault. */
export async function contractResponses(): Promise<ContractResponses> {
  const file = new URL('../../../services/contract.yaml', import.meta.url)
  const contract = parse(await readFile(file, 'utf8')) as Contract
  const ajv = new Ajv2020({ strict: false, formats: { 'date-time': DATE_TIME } })
  ajv.addSchema(contract, 'contract')
  const compiled = new Map<string, ValidateFunction>()

  function validator(path: string, method: string, status: string, type: string): ValidateFunction {
    const pointer = `contract${resolve(path, method, status)}/content/${escape(type)}/schema`
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: pointer })
    compiled.set(pointer, validate)
    return validate
  }

  function resolve(path: string, method: string, status: string): string {
    const response = contract.paths[path]?.[method]?.responses[status]
    return response?.$ref ?? `#/paths/${escape(path)}/${method}/responses/${status}`
  }

  function content(response: Response): Record<string, Media> {
    const shared = response.$ref?.split('/').at(-1)
    return (shared ? contract.components.responses[shared] : response)?.content ?? {}
  }

  return {
    faultOf({ path, method, status, type, body }) {
      const response = contract.paths[path]?.[method]?.responses[status]
      if (!response) return `${method} ${path} has no ${status}`
      const [known] = Object.keys(content(response))
      if (type !== known) return `${type} is not ${known}`
      const validate = validator(path, method, String(status), type)
      return validate(body) ? undefined : ajv.errorsText(validate.errors)
    },
    invalidExamples() {
      const faults: string[] = []
      for (const [path, operations] of Object.entries(contract.paths)) {
        for (const [method, { responses }] of Object.entries(operations)) {
          for (const [status, response] of Object.entries(responses)) {
            for (const [type, { example }] of Object.entries(content(response))) {
              const validate = validator(path, method, status, type)
              if (validate(example)) continue
              faults.push(`${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`)
            }
          }
        }
      }
      return faults
    },
  }
}

const escape = (key: string): string =>
  encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))
