import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { CHOOSE_BLOCKS } from './choose-blocks.ts'
import { CODE_BLOCKS } from './code-blocks.ts'
import { CONNECTION_BLOCKS } from './connection-blocks.ts'
import { factorPages } from '../factor-pages.ts'
import { type Picture, pictures } from './pictures.ts'
import { RUN_BLOCKS } from './run-blocks.ts'

/**
 * `npm run docs`: fills the marked blocks of README.md and docs/ from the code and the committed runs. A
 * block stands between `<!-- NAME ARGUMENTS -->` and `<!-- /NAME -->`; run-blocks.ts and code-blocks.ts have
 * one function a name.
 */
const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const BLOCKS = { ...RUN_BLOCKS, ...CHOOSE_BLOCKS, ...CONNECTION_BLOCKS, ...CODE_BLOCKS }
const BLOCK = /<!-- ([a-z]+)(?: ([^>]*))? -->.*?<!-- \/\1 -->/gs
/** Blocks that other programs write, because they need a measurement. */
const OTHERS = new Set(['faults'])

export type Page = Readonly<{ path: string; is: string; mustBe: string }>

/** Every page, as it is and as it must be. */
export async function pages(): Promise<Page[]> {
  const inside = async (folder: string) =>
    (await readdir(ROOT + folder))
      .filter((name) => name.endsWith('.md'))
      .toSorted()
      .map((name) => `${folder}/${name}`)
  const paths = ['README.md', ...(await inside('docs')), ...(await inside('docs/method'))]
  return await Promise.all(
    paths.map(async (path) => {
      const is = await readFile(`${ROOT}${path}`, 'utf8')
      return { path, is, mustBe: await filled(path, is) }
    }),
  )
}

async function filled(path: string, text: string): Promise<string> {
  let result = ''
  let from = 0
  for (const block of text.matchAll(BLOCK)) {
    const [whole, name = '', args = ''] = block
    if (OTHERS.has(name)) continue
    const make = BLOCKS[name]
    if (make === undefined) throw new Error(`${path}: no block is called ${name}`)
    const opening = whole.slice(0, whole.indexOf('-->') + '-->'.length)
    result += `${text.slice(from, block.index)}${opening}\n\n${await make(args, { root: ROOT, path })}\n\n<!-- /${name} -->`
    from = block.index + whole.length
  }
  const style = await resolveConfig(`${ROOT}${path}`)
  return await format(result + text.slice(from), { ...style, parser: 'markdown' })
}

/** Every file that `npm run docs` writes: pages, and the charts that they show; null where none must be. */
export async function files(): Promise<Picture[]> {
  const all: Picture[] = [...(await pages()), ...(await factorPages())]
  return [
    ...all,
    ...(await pictures(
      ROOT,
      all.map(({ mustBe }) => mustBe ?? ''),
    )),
  ]
}

if (import.meta.main) {
  await mkdir(`${ROOT}docs/charts`, { recursive: true })
  for (const { path, is, mustBe } of await files()) {
    if (mustBe === null) await rm(ROOT + path)
    else if (is !== mustBe) await writeFile(ROOT + path, mustBe)
  }
}
