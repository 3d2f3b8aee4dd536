import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable, printableLine } from './printable.ts'

test('nothing that drives a terminal or turns the reading direction comes out', () => {
  const cases: Readonly<Record<string, string>> = {
    '\u001b[31mred\u001b[0m': 'red',
    '\u009b2Jcleared': 'cleared',
    '\u001b]0;title\u0007shown': 'shown',
    '\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\': 'link',
    'a\u0000b\u0008c\u007fd\u0090e': 'abcde',
    'user\u202egnp.exe': 'usergnp.exe',
    'zero\u200bwidth\ufeff': 'zerowidth',
    'half\ud800pair': 'halfpair',
    'at https://me:hunter2@host/x': 'at https://host/x',
    'µs × ≥ 漢字 é 😀': 'µs × ≥ 漢字 é 😀',
  }
  for (const [text, expected] of Object.entries(cases)) assert.equal(printable(text), expected)
})

test('every control character but the line break goes, whatever it is', () => {
  for (let code = 0; code < 0xa0; code += 1) {
    const shown = printable(`<${String.fromCharCode(code)}.>`)
    assert.match(shown, /^<[\n -~]?\.>$/, `U+${code.toString(16)}`)
  }
})

test('a line stays one line, so that no outcome can be faked in it', () => {
  assert.equal(printableLine('broken\r\nDONE: results\u2028in x'), 'broken DONE: results in x')
})
