import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { contractShapes } from '../../../runner/contract/check.ts'

type Response = { $ref?: string; content?: Record<string, { example?: unknown }> }
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

/** Stricter than the runner's check: a status that the contract does not name is a fault. */
export async function contractResponses(): Promise<ContractResponses> {
  const yaml = await readFile(new URL('../../../services/contract.yaml', import.meta.url), 'utf8')
  const contract = parse(yaml) as Contract
  const shapes = contractShapes(yaml)

  function content(response: Response): Record<string, { example?: unknown }> {
    const shared = response.$ref?.split('/').at(-1)
    return (shared ? contract.components.responses[shared] : response)?.content ?? {}
  }

  return {
    faultOf({ path, method, status, type, body }) {
      const response = contract.paths[path]?.[method]?.responses[status]
      if (!response) return `${method} ${path} has no ${status}`
      const [known] = Object.keys(content(response))
      if (type !== known) return `${type} is not ${known}`
      return shapes(path, method, status, type, body) ?? undefined
    },
    invalidExamples() {
      const faults: string[] = []
      for (const [path, operations] of Object.entries(contract.paths)) {
        for (const [method, { responses }] of Object.entries(operations)) {
          for (const [status, response] of Object.entries(responses)) {
            for (const [type, { example }] of Object.entries(content(response))) {
              const fault = shapes(path, method, Number(status), type, example)
              if (fault !== null) faults.push(`${method} ${path} ${status}: ${fault}`)
            }
          }
        }
      }
      return faults
    },
  }
}
