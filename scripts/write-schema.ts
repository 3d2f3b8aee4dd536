import { readFile, writeFile } from 'node:fs/promises'
import { fieldTable, schemaJson } from '../runner/results/schema.ts'

/** `npm run schema`: writes results/schema.json and the table in results/README.md from the types. */
const folder = new URL('../results/', import.meta.url)
await writeFile(new URL('schema.json', folder), schemaJson())

const readme = new URL('README.md', folder)
const text = await readFile(readme, 'utf8')
const [start, end] = ['<!-- fields -->', '<!-- /fields -->']
const [before = '', rest = ''] = text.split(start)
const after = rest.split(end)[1] ?? ''
await writeFile(readme, `${before}${start}\n\n${fieldTable()}\n\n${end}${after}`)
