import { writeFile } from 'node:fs/promises'
import { KIT } from '../docker/kit.ts'
import { readmeWithFigures } from './figures.ts'

/** `npm run readme`: puts the figures of the committed run into README.md. */
const { mustBe } = await readmeWithFigures()
await writeFile(`${KIT}README.md`, mustBe)
