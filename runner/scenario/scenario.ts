import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnswerRule } from './answer.ts'
import { checkFunctions, parseScenario, ScenarioError } from './format.ts'
import { compileJourney, type Journey } from './journey.ts'

/** What users do, and on what: the runner knows no service but by this. */
export type Scenario = Readonly<{
  name: string
  /** Of its file: what travels to the loaders, since a journey does not. */
  path: string
  journey: Journey
  /** null: the service has none that the runner could recreate. */
  database: ScenarioDatabase | null
  /** Variable with what its users and its service alone know; null: there is none. */
  secret: string | null
  /** null: its journey alone is checked. */
  contract: Contract | null
}>

/** What a service must answer before it is measured. */
export type Contract = Readonly<{
  /** Of its OpenAPI document, and the document. */
  path: string
  yaml: string
  /** Asked one after another. */
  cases: readonly ContractCase[]
  /** What is known before the first case: the cases write into it what they learn. */
  begin(): object
}>

/** One case: a request, the status it must get, and what more must hold. */
export type ContractCase = Readonly<{
  name: string
  /** The path in the OpenAPI document. */
  template: string
  request(known: object): Readonly<{
    method: string
    path: string
    headers?: Readonly<Record<string, string>>
    body?: string
  }>
  status: number
  /** @returns what is wrong with an answer whose status and shape are right; null if nothing */
  check?(
    answer: Readonly<{ headers: Readonly<Record<string, string | undefined>>; body: unknown }>,
    known: object,
  ): string | null
  /** How to fix a service that fails it. */
  remedy: string
}>

/** How the database of the service is made and audited. */
export type ScenarioDatabase = Readonly<{
  /** Of the database and of its owner, under which the service logs in. */
  name: string
  /** Statements that make it, in order: schema, then seed. */
  sql: readonly string[]
  /** The query whose one row says what is stored; null: nothing is audited. */
  audit: string | null
}>

/**
 * Reads a scenario with all that it names.
 *
 * @param path of its YAML file
 * @throws ScenarioError saying which file, line and step is wrong
 */
export async function readScenario(path: string): Promise<Scenario> {
  const yaml = await textOf(path, path)
  const file = parseScenario(yaml, path)
  const beside = (other: string): string => resolve(dirname(path), other)
  const read = (other: string): Promise<string> => textOf(beside(other), path)
  const { name, contract, database, answers } = file
  const inCode = answers === undefined ? new Map() : await rulesOf(beside(answers), path)
  checkFunctions(yaml, path, file, new Set(inCode.keys()))
  return {
    name,
    path: resolve(path),
    journey: compileJourney(file, inCode),
    secret: file.secret ?? null,
    contract:
      contract === undefined
        ? null
        : {
            path: beside(contract.openapi),
            yaml: await read(contract.openapi),
            ...(await suiteIn(beside(contract.cases), path)),
          },
    database:
      database === undefined
        ? null
        : {
            name: database.name,
            sql: await Promise.all(database.sql.map(read)),
            audit: database.audit === undefined ? null : await read(database.audit),
          },
  }
}

async function textOf(file: string, scenario: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const named = file === scenario ? '' : `, which ${scenario} names,`
    throw new ScenarioError(`${file}${named} cannot be read: ${String(cause)}.`, { cause })
  }
}

/** What a file of code exports that a scenario names. */
async function codeOf(file: string, scenario: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(file).href)
  } catch (cause) {
    const named = `${file}, which ${scenario} names,`
    throw new ScenarioError(`${named} cannot be loaded: ${String(cause)}.`, { cause })
  }
}

async function suiteIn(file: string, scenario: string): Promise<Pick<Contract, 'cases' | 'begin'>> {
  const { cases, begin } = await codeOf(file, scenario)
  if (Array.isArray(cases) && typeof begin === 'function')
    return { cases, begin: begin as Contract['begin'] }
  throw new ScenarioError(`${file}, which ${scenario} names, exports no \`cases\` and \`begin\`.`)
}

async function rulesOf(file: string, scenario: string): Promise<Map<string, AnswerRule>> {
  const functions = Object.entries(await codeOf(file, scenario)).filter(
    ([, value]) => typeof value === 'function',
  )
  return new Map(functions as [string, AnswerRule][])
}
