import assert from 'node:assert/strict'
import { test } from 'node:test'
import { help } from './help.ts'
import { columnsOf, progressOutput, screenOf } from './screen.ts'

test('COLUMNS counts where it is a number of columns, and is kept to what can be read', () => {
  const cases: Readonly<Record<string, number>> = {
    '120': 120,
    '40': 40,
    '1': 20,
    '100000': 500,
    '-5': 77,
    '1e9': 77,
    '0': 77,
    '4.5': 77,
    ' 40': 77,
    '': 77,
    x: 77,
  }
  for (const [COLUMNS, columns] of Object.entries(cases))
    assert.equal(columnsOf({ COLUMNS }, { columns: 77 }), columns, COLUMNS)
  assert.equal(columnsOf({}, {}), 100)
  assert.equal(columnsOf({}, { columns: 0 }), 100)
})

test('a dumb terminal, a log and NO_COLOR get no escape sequence', () => {
  const terminal = { columns: 80, isTTY: true }
  assert.equal(screenOf({ env: { TERM: 'xterm' }, stdout: terminal }).colour, true)
  assert.equal(screenOf({ env: { TERM: 'dumb' }, stdout: terminal }).colour, false)
  assert.equal(screenOf({ env: { NO_COLOR: '1' }, stdout: terminal }).colour, false)
  assert.equal(screenOf({ env: {}, stdout: { columns: 80 } }).colour, false)
  const write = (): void => {}
  for (const [TERM, isTTY, live] of [
    ['xterm', true, true],
    ['dumb', true, false],
    ['xterm', false, false],
  ] as const) {
    const { isTerminal } = progressOutput({ env: { TERM }, stderr: { isTTY, write } })
    assert.equal(isTerminal, live, `${TERM} ${isTTY}`)
  }
})

test('the help fits screens of 40 columns and more', () => {
  for (const columns of [40, 60, 80, 100]) {
    const widest = help(columns)
      .split('\n')
      .toSorted((a, b) => b.length - a.length)[0]
    assert.ok((widest ?? '').length <= columns, `${columns}: ${widest}`)
  }
})
