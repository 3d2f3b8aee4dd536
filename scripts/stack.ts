import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { readCompose, stackOf, stackText } from './stack/stack.ts'

// `npm run stack`: writes stack.yaml from compose.yaml. `npm run stack -- --check`: 1 if they differ.

const kit = fileURLToPath(new URL('..', import.meta.url))
const path = `${kit}stack.yaml`

const { stack, leftOut } = await stackOf(await readCompose(kit), kit)
const options = { ...(await resolveConfig(path)), parser: 'yaml' }
const text = await format(stackText(stack, leftOut), options)
if (!process.argv.includes('--check')) await writeFile(path, text)
else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
  process.stderr.write('stack.yaml is not what compose.yaml makes: npm run stack\n')
  process.exitCode = 1
}
