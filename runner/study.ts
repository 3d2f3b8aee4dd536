import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { Claims, Figures, type Study, StudyFacts } from './measurement/study.ts'

/**
 * The study of a checkout: the three files in its folder `study`.
 *
 * @param kit the root of the checkout
 * @returns null where there is no such folder: the instrument measures without it, and claims nothing
 * @throws with the file and the field, where one of them is not as it must be
 */
export async function loadStudy(kit: string): Promise<Study | null> {
  const folder = join(kit, 'study')
  const facts = await readChecked(join(folder, 'study.yaml'), StudyFacts)
  if (facts === null) return null
  const claims = await readChecked(join(folder, 'claims.yaml'), Claims)
  const figures = await readChecked(join(folder, 'figures.yaml'), Figures)
  if (claims === null || figures === null)
    throw new Error(`${folder} has no claims.yaml or no figures.yaml beside study.yaml.`)
  const { claims: registered, ...registration } = claims
  return { ...facts, registration, claims: registered, figures }
}

/** @returns null if there is no such file */
async function readChecked<T extends TSchema>(path: string, schema: T): Promise<Static<T> | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text === null) return null
  const value: unknown = parse(text)
  if (Value.Check(schema, value)) return value
  const [fault] = Value.Errors(schema, value)
  throw new Error(
    `${path}: ${fault?.instancePath.slice(1).replaceAll('/', ' ')} ${fault?.message}.`,
  )
}
