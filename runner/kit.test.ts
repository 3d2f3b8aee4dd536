import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { test } from 'node:test'

const KIT = JSON.stringify(new URL('kit.ts', import.meta.url).href)
const SCRIPT = `console.log((await import(${KIT})).hostEnvironment().cores)`

const coresOf = (command: string, args: readonly string[], env: NodeJS.ProcessEnv): number =>
  Number(execFileSync(command, [...args, '--input-type=module', '-e', SCRIPT], { env }))

const HAS_TASKSET = process.platform === 'linux'

test(
  'a run that is held to one core says so; the runner of Compose says what the machine has',
  { skip: HAS_TASKSET ? false : 'taskset is of Linux' },
  () => {
    const { SAMEHOST_TESTBED: _, ...env } = process.env
    const held = ['-c', '0', process.execPath]
    assert.equal(coresOf('taskset', held, env), 1)
    assert.equal(coresOf('taskset', held, { ...env, SAMEHOST_TESTBED: 'compose' }), cpus().length)
  },
)
