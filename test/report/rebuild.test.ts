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

for (const name of await readdir(REFERENCES)) {
  test(`report rebuilds every file of ${name} from its raw files, byte for byte`, async () => {
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
