import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { stackFile } from './stack/stack.ts'

/** `npm run stack`: writes stack.yaml from compose.yaml. */
const kit = fileURLToPath(new URL('..', import.meta.url))
await writeFile(`${kit}stack.yaml`, await stackFile(kit))
