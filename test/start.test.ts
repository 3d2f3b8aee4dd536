import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const START = fileURLToPath(new URL('../runner/start.js', import.meta.url))
const run = promisify(execFile)

/** This Node, calling itself another. */
const as = (version: string): string =>
  `--import=data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"${version}"}})`

async function start(kit: string, ...options: string[]): Promise<{ code: number; said: string }> {
  try {
    const { stdout, stderr } = await run(process.execPath, [
      ...options,
      join(kit, 'runner/start.js'),
    ])
    return { code: 0, said: stdout + stderr }
  } catch (error) {
    const {
      code = -1,
      stdout = '',
      stderr = '',
    } = error as {
      code?: number
      stdout?: string
      stderr?: string
    }
    return { code, said: stdout + stderr }
  }
}

void suite('npm run bench where it cannot start', () => {
  let kit: string
  before(async () => {
    kit = await mkdtemp(join(tmpdir(), 'start-'))
    await mkdir(join(kit, 'runner'))
    await cp(START, join(kit, 'runner/start.js'))
    await writeFile(join(kit, 'runner/package.json'), '{"type":"module"}')
    await writeFile(join(kit, 'runner/main.ts'), "import 'hdr-histogram-js'\n")
  })

  after(() => rm(kit, { recursive: true }))

  test('an old Node is named in one line, with what to run, by what is installed', async () => {
    const line = (remedy: string) =>
      `samehost: this is Node 20.20.2, and 24 is needed: ${remedy}.\n`
    const absent = await start(kit, as('20.20.2'))
    assert.deepEqual(absent, { code: 1, said: line('run `npm ci`, which installs it') })
    await mkdir(join(kit, 'node_modules/.bin'), { recursive: true })
    const { said } = await start(kit, as('20.20.2'))
    assert.match(
      said,
      /`npm rebuild node`, which installs what `npm ci --ignore-scripts` leaves out/,
    )
    await writeFile(join(kit, 'node_modules/.bin/node'), '')
    const outside = await start(kit, as('20.20.2'))
    assert.equal(outside.said, line('start it with `npm run bench`'))
  })

  test('packages that are not installed are one line too', async () => {
    assert.deepEqual(await start(kit), {
      code: 1,
      said: 'samehost: the package hdr-histogram-js is not installed: run `npm ci`.\n',
    })
  })

  test('a fault of the kit itself keeps its stack', async () => {
    await writeFile(join(kit, 'runner/main.ts'), "import './nowhere.ts'\n")
    const { code, said } = await start(kit)
    assert.equal(code, 1)
    assert.match(said, /nowhere\.ts[^]*\n\s+at /)
  })
})
