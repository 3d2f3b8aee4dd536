import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { readKit } from '../../runner/kit.ts'
import { chooseArms, readArms } from '../../runner/plan/arms.ts'
import { readRun } from '../../runner/results/run-folder.ts'
import { childrenOf, startRun } from './runs.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'levels-'))
  await chmod(folder, 0o755)
})
after(() => rm(folder, { recursive: true, force: true }))

/** What the shell has, and compose.yaml passes on to each arm that says nothing else. */
const SHELL: Readonly<Record<string, string>> = { DB_PREPARE: 'on' }
/** A group, and the ends of another. */
const ARMS = ['prepared', 'pool-size-1', 'pool-size-50']
const SHORT = ['--profile', 'smoke', '--users', '5', '--warm-up', '0.2s', '--hold', '1s']

/** The environment of a process, as the kernel has it; empty once it has ended. */
async function environmentOf(pid: number): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
  return Object.fromEntries(
    text.split('\0').flatMap((pair) => {
      const at = pair.indexOf('=')
      return at < 0 ? [] : [[pair.slice(0, at), pair.slice(at + 1)]]
    }),
  )
}

test('every level of a group is the process that it was told to be, and its service says so in run.json', async () => {
  const out = join(folder, 'groups')
  const run = startRun(folder, [...SHORT, '--arms', ARMS.join(','), '--out', out], SHELL)
  const seen = new Map<string, Readonly<Record<string, string>>>()
  while (run.child.exitCode === null && run.child.signalCode === null) {
    for (const pid of await childrenOf(run.child.pid ?? 0, 'services/commerce/main.ts')) {
      const environment = await environmentOf(pid)
      if (environment['ARM_NAME']) seen.set(environment['ARM_NAME'], environment)
    }
    await delay(100)
  }
  assert.equal(await run.ended(), 0, run.said())

  const { trials } = await readRun(out)
  const arms = readArms(readKit('compose.yaml'), readKit).filter(({ entry }) => entry !== null)
  const asked = chooseArms(ARMS, arms).arms
  assert.equal(asked.length, 4)
  for (const { name, environment } of asked) {
    const trial = trials.find(({ arm }) => arm === name)
    for (const variable of ['DB_POOL_MAX', 'DB_PREPARE', 'DB_MODE']) {
      const told = environment[variable] ?? SHELL[variable]
      assert.equal(seen.get(name)?.[variable], told, `${name}: ${variable} of its process`)
      const said = trial?.identity?.settings?.[variable]
      if (told !== undefined) assert.equal(said, told, `${name}: ${variable} by its word`)
    }
    assert.match(trial?.identity?.given ?? '', /^[0-9a-f]{64}$/)
    const doubts = trial?.stages.flatMap(({ validity }) => validity.reasons) ?? []
    assert.deepEqual(
      doubts.filter(({ check }) => check === 'settings'),
      [],
    )
  }
  assert.equal(trials.find(({ arm }) => arm === 'pool-size-1')?.identity?.prepare, 'on')
  // Nothing that belongs to a container: where its database is, and how it is let in.
  assert.equal(seen.get('pool-size-50')?.['DB_PASSWORD_FILE'], undefined)
  assert.equal(seen.get('pool-size-50')?.['DB_HOST'], undefined)
})
