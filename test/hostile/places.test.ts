import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { KIT } from '../docker/kit.ts'
import { follow, type Followed } from '../testbed/runs.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'places-'))
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

type How = Readonly<{
  env?: Record<string, string>
  cwd?: string
  uid?: number
  out?: string
  /** The results folder, in place of a new one in `out`. */
  exactly?: string
}>

function run({
  env = {},
  cwd = KIT,
  uid,
  out = folder,
  exactly = join(out, `out-${randomUUID()}`),
}: How): Followed {
  const tiny = ['--profile', 'smoke', '--users', '3', '--hold', '1s', '--arms', 'pooled']
  const user = uid === undefined ? {} : { uid, gid: uid }
  return follow(
    spawn(process.execPath, [`${KIT}runner/main.ts`, ...tiny, '--out', exactly], {
      ...user,
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

const isRoot = process.platform === 'linux' && process.getuid?.() === 0
const ROOT = { skip: isRoot ? false : 'only root may mount, and be another user' }

test('a TMPDIR that is not there is a sentence with the remedy', async () => {
  const { said, ended } = run({ env: { TMPDIR: join(folder, 'absent') } })
  assert.equal(await ended(), 1)
  assert.match(
    said(),
    /There is no place for temporary files: .*absent is no folder\. Set TMPDIR to/,
  )
})

test('a results folder where none can be made is a sentence with the remedy, at once', async () => {
  await writeFile(join(folder, 'file'), '')
  for (const out of ['/proc/nope', '/proc/nope/deeper', '/dev/null/nope', join(folder, 'file')]) {
    const { said, ended } = run({ exactly: out })
    assert.equal(await ended(), 1, said())
    assert.match(said(), new RegExp(`^samehost: ${out} .*name another|Name another`, 'm'))
  }
})

test('what the shell tells psql does not reach the runner, and a relative TMPDIR is from where the command was', async () => {
  await mkdir(join(folder, 'relative'), { mode: 0o755 })
  const env = {
    TMPDIR: 'relative',
    PGSSLMODE: 'require',
    PGSSLNEGOTIATION: 'direct',
    PGOPTIONS: '-c statement_timeout=1',
    PGHOST: '/nowhere',
    PGPASSWORD: 'of another server',
    NODE_PG_FORCE_NATIVE: '1',
  }
  const { said, ended } = run({ env, cwd: folder })
  assert.equal(await ended(), 0, said())
})

test(
  'a TMPDIR of a file system without programs is named, and another that has them',
  ROOT,
  async (t) => {
    const at = join(folder, 'no exec')
    await mkdir(at)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec,mode=755', 'tmpfs', at])
    t.after(() => execFileSync('umount', ['-l', at]))
    const { said, ended } = run({ env: { TMPDIR: at } })
    assert.equal(await ended(), 1)
    assert.match(
      said(),
      /no exec is mounted noexec: .* Set TMPDIR to .* such as \/(tmp|var\/tmp|dev\/shm);/,
    )
  },
)

test('a TMPDIR that the user of the database may not enter is named', ROOT, async () => {
  const at = join(folder, 'private')
  await mkdir(at, { mode: 0o700 })
  const { said, ended } = run({ env: { TMPDIR: at } })
  assert.equal(await ended(), 1)
  assert.match(said(), /may not enter .*private\. Set TMPDIR to/)
})

test('a user id without a name is shown that PostgreSQL wants one', ROOT, async () => {
  const open = join(folder, 'open')
  await mkdir(open)
  await chmod(open, 0o777)
  const { said, ended } = run({ uid: 54_321, out: open, env: { TMPDIR: open, HOME: '/' } })
  assert.equal(await ended(), 1)
  assert.match(said(), /user id 54321 has no name on this machine .* Run as a user that has a name/)
})

test('an old Node under a path with a colon is advised to move the checkout', async () => {
  const at = join(folder, 'a:b', 'runner')
  await mkdir(at, { recursive: true })
  await copyFile(join(KIT, 'runner', 'start.js'), join(at, 'start.js'))
  const old = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { node: '20.1.0' } })`
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--import', old, join(at, 'start.js')], (_, out, err) =>
      resolve(out + err),
    )
  })
  assert.match(
    said,
    /this is Node 20\.1\.0, and 24 is needed: the path of this checkout has a colon/,
  )
})
