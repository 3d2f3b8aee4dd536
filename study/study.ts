import { fileURLToPath } from 'node:url'
import type { Study } from '../runner/measurement/study.ts'
import { loadStudy } from '../runner/study.ts'

/** The study of this checkout, for scripts and tests. The runner imports nothing from here: it reads the data. */
export const STUDY: Study = await own(fileURLToPath(new URL('../', import.meta.url)))

async function own(kit: string): Promise<Study> {
  const study = await loadStudy(kit)
  if (study === null) throw new Error(`${kit}study has no study.yaml.`)
  return study
}
