import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleOf, digestOf } from '../runner/results/bundle.ts'

/**
 * Run once: the folders of the runs that the docs cite become bundles as they stand, the rows of the ledger
 * become the index, and the folders go. Runs that no page cites keep their rows; their files are in the history.
 */
const ROOT = new URL('../', import.meta.url).pathname
const RECORDS = join(ROOT, 'results', 'reference')

/** Cited, and with every figure that today's reports are made of: those since 2026-11-28, and the soak. */
const CITED =
  /^(?:soak|compose-article-fit-[b-g]|compose-fit-quick-[f-o]|embedded-fit-quick-[a-e]|machines-.*|factor-.*(?<!-a))$/

const ledger = JSON.parse(await readFile(join(ROOT, 'results/ledger.json'), 'utf8'))
const rows = []
for (const { folder, asked: _, rule, ...row } of ledger) {
  const place = join(RECORDS, folder)
  const isCited = rule === 'in' && CITED.test(folder)
  let sha256 = null
  let verdicts = {}
  if (rule === 'in' && existsSync(place)) {
    const run = JSON.parse(await readFile(join(place, 'run.json'), 'utf8'))
    verdicts = Object.fromEntries(
      run.claims.map(({ id, verdict }: Record<string, string>) => [id, verdict]),
    )
    if (isCited) {
      const bundle = await bundleOf(place)
      await writeFile(`${place}.tar.gz`, bundle)
      sha256 = digestOf(bundle)
    }
    await rm(place, { recursive: true })
  }
  rows.push({ name: folder, ...row, verdicts, sha256, replaced: rule === 'out' })
}
await writeFile(join(ROOT, 'results/index.json'), `${JSON.stringify(rows, null, 1)}\n`)
