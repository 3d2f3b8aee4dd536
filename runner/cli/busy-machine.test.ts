import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import type { CheckId } from '../analysis/checks/checks.ts'
import type { Stage } from '../measurement/stage.ts'
import { askOn, busyMachine } from './busy-machine.ts'

const terminal = (isTTY: boolean) => ({
  stdin: Object.assign(new PassThrough(), { isTTY }),
  stderr: Object.assign(new PassThrough(), { isTTY }),
})
const never = new AbortController().signal

/** A machine that reads as busy as this, one reading after another. @param answer null: nobody is there */
function machineOf(readings: readonly (number | null)[], answer: boolean | null, cores = 2) {
  const said: string[] = []
  const asked: string[] = []
  let at = 0
  const machine = busyMachine({
    cores,
    read: () => Promise.resolve({ busyRatio: readings[at++] ?? null }),
    warn: (text) => said.push(text),
    ask:
      answer === null
        ? null
        : (question) => {
            asked.push(question)
            return Promise.resolve(answer)
          },
  })
  return { ...machine, said, asked, reads: () => at }
}

test('a quiet machine is not asked about, nor one of which nothing is known', async () => {
  for (const readings of [[0.02], [null], [0.9, 0.1]]) {
    const machine = machineOf(readings, false)
    assert.equal(await machine.before(), true)
    assert.deepEqual([machine.said, machine.asked], [[], []])
  }
})

test('a machine that is busy at both readings is warned of, and asked about where somebody is there', async () => {
  for (const [answer, goesOn] of [
    [true, true],
    [false, false],
    [null, true],
  ] as const) {
    const machine = machineOf([0.6, 0.55], answer)
    assert.equal(await machine.before(), goesOn)
    assert.match(
      machine.said[0] ?? '',
      /busy with other work \(55 % of its 2 cores.*will not count/,
    )
    assert.equal(machine.asked.length, answer === null ? 0 : 1)
  }
})

test('how busy is too busy depends on the cores that are left', async () => {
  for (const [busyRatio, cores, isTooBusy] of [
    [0.24, 2, false],
    [0.26, 2, true],
    [0.26, 1, true],
    [0.4, 4, false],
    [0.5, 4, true],
    [0.5, 16, false],
    [0.9, 16, true],
  ] as const) {
    const machine = machineOf([busyRatio, busyRatio], null, cores)
    await machine.before()
    assert.equal(machine.said.length, isTooBusy ? 1 : 0, `${busyRatio} of ${cores} cores`)
  }
})

const stages = (...checks: readonly (CheckId | null)[]): Stage[] => {
  const [sound] = simulatedRun().trials[0]?.stages ?? []
  assert.ok(sound)
  return checks.map((check) => ({
    ...sound,
    validity: {
      valid: check === null,
      reasons: check === null ? [] : [{ check, figure: 1, bound: 0, text: 'why' }],
    },
  }))
}

test('a first trial without a valid stage, for want of the machine’s time, is asked about', async () => {
  for (const [checks, isAsked] of [
    [['think-time', 'client-event-loop', 'stolen'], true],
    [['think-time', 'client-cpu', 'errors'], true],
    [['think-time', null, 'stolen'], false],
    // A service that fails is not the machine.
    [['errors', 'requests', 'stolen'], false],
    [[], false],
  ] as const) {
    const machine = machineOf([], false)
    assert.equal(await machine.after({ stages: stages(...checks) }), !isAsked, checks.join())
    assert.equal(machine.asked.length, isAsked ? 1 : 0)
  }
})

test('without a terminal on both sides nobody is asked', () => {
  const [there, without] = [terminal(true), terminal(false)]
  assert.equal(askOn(without, never), null)
  assert.equal(askOn({ stdin: there.stdin, stderr: without.stderr }, never), null)
  assert.equal(askOn({ stdin: without.stdin, stderr: there.stderr }, never), null)
})

for (const [typed, goesOn] of [
  ['n\n', false],
  ['No\n', false],
  ['y\n', true],
  ['\n', true],
] as const)
  test(`${JSON.stringify(typed)} on the terminal ${goesOn ? 'goes on' : 'ends'}`, async () => {
    const screen = terminal(true)
    const answer = askOn(screen, never)?.('Nothing will count.')
    screen.stdin.write(typed)
    assert.equal(await answer, goesOn)
    assert.match(String(screen.stderr.read()), /^Nothing will count\. Go on\? \[Y\/n/)
  })

test('nobody answers, or the terminal closes: the run goes on; the signal: it does not', async () => {
  assert.equal(await askOn(terminal(true), never, 50)?.('?'), true)
  const closed = terminal(true)
  const waiting = askOn(closed, never)?.('?')
  closed.stdin.end()
  assert.equal(await waiting, true)
  const controller = new AbortController()
  const asked = askOn(terminal(true), controller.signal)?.('?')
  controller.abort()
  assert.equal(await asked, false)
})

test('in the background of a shell nobody is asked, and the run goes on without reading', async () => {
  // A name may have brackets and blanks; the group is 20, and 30 has the terminal.
  for (const [stat, isAsked] of [
    ['10 (a ) b) S 9 20 5 34816 30 0', false],
    ['10 (node) S 9 20 5 34816 20 0', true],
    ['10 (node) S 9 20 5 0 -1 0', true],
    ['', true],
  ] as const) {
    const screen = terminal(true)
    screen.stdin.write('n\n')
    const answer = await askOn(screen, never, 50, () => stat)?.('?')
    assert.equal(answer, !isAsked, stat)
    assert.equal(screen.stderr.read() !== null, isAsked, stat)
  }
})
