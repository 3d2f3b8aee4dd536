import assert from 'node:assert/strict'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCli } from '../../runner/cli.ts'
import { KIT } from '../docker/kit.ts'

const REFERENCES = `${KIT}results/reference`

const filesOf = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted()

/** Of one run every byte is held, its charts' too; of the others what is read from them. */
const WHOLE = 'compose-standard'
const isDrawn = (file: string): boolean => file.endsWith('.svg') || file.endsWith('.html')

for (const name of await readdir(REFERENCES)) {
  const held = name === WHOLE ? 'every byte' : 'its figures and verdicts'
  test(`report rebuilds ${name} from its raw files: ${held}`, async () => {
    const committed = join(REFERENCES, name)
    const copy = await mkdtemp(join(tmpdir(), 'rebuild-'))
    try {
      await cp(committed, copy, { recursive: true })
      for (const made of ['charts', 'report.html', 'report.md', 'stages.csv']) {
        await rm(join(copy, made), { recursive: true })
      }
      assert.equal(await runCli(['report', copy], {}), 0)
      assert.deepEqual(await filesOf(copy), await filesOf(committed))
      for (const file of await filesOf(committed)) {
        if (name !== WHOLE && isDrawn(file)) continue
        const [is, was] = await Promise.all(
          [copy, committed].map((folder) => readFile(join(folder, file))),
        )
        assert.ok(was && is?.equals(was), `${file} is another`)
      }
    } finally {
      await rm(copy, { recursive: true })
    }
  })
}
