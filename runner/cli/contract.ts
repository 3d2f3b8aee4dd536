import { readFile } from 'node:fs/promises'
import { checkContract } from '../contract/check.ts'
import { contractShapes } from '../contract/schemas.ts'
import type { ContractFailure } from '../measurement/trial.ts'
import { KIT } from '../testbed/service-sql.ts'

/** The suite of services/contract.yaml, ready to be run against any service. */
export async function contractSuite(): Promise<(url: string) => Promise<ContractFailure[]>> {
  const shapes = contractShapes(await readFile(`${KIT}services/contract.yaml`, 'utf8'))
  return (url) => checkContract(url, shapes)
}
