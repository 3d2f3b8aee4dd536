import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AnswerRule } from './answer.ts'
import { isSecret } from './format.ts'
import { checkNamed, parseScenario, ScenarioError } from './parse.ts'
import { yamlOfPaths } from './paths.ts'
import { compileJourney, type Journey } from './journey.ts'

/** What users do, and on what: the runner knows no service but by this. */
export type Scenario = Readonly<{
  name: string
  /** By what the loaders read it again, since a journey does not travel. */
  source: ScenarioSource
  journey: Journey
  /** Pause of a user after an answer, as it is written; null: it is the profile's. */
  think: string | null
  /** What stands in its requests and must stand nowhere else. */
  secrets: readonly string[]
  /** null: the service has none that the runner could recreate. */
  database: ScenarioDatabase | null
  /** Variable with what its users and its service alone know; null: there is none. */
  secret: string | null
  /** null: its journey alone is checked. */
  contract: Contract | null
}>

/** The file of a scenario, or paths that are read one after another. */
export type ScenarioSource = string | Readonly<{ paths: readonly string[] }>

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
 * @param source its YAML file, or the paths
 * @param env where its secrets are
 * @throws ScenarioError saying which file, line and step is wrong
 */
export async function readScenario(
  source: ScenarioSource,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Scenario> {
  const path = typeof source === 'string' ? source : '--get'
  const yaml = typeof source === 'string' ? await textOf(path, path) : yamlOfPaths(source.paths)
  const file = parseScenario(yaml, path)
  const beside = (other: string): string => resolve(dirname(path), other)
  const read = (other: string): Promise<string> => textOf(beside(other), path)
  const { name, contract, database, answers, values = {} } = file
  const inCode = answers === undefined ? new Map() : await rulesOf(beside(answers), path)
  checkNamed(yaml, path, file, { functions: new Set(inCode.keys()), env })
  return {
    name,
    source: typeof source === 'string' ? resolve(source) : source,
    journey: compileJourney(file, inCode, env),
    think: file.think ?? null,
    secrets: Object.values(values).flatMap((value) =>
      isSecret(value) ? (env[value.env] ?? []) : [],
    ),
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
