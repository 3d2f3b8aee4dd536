import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unsupported } from './database.ts'

test('a server older than 12 is refused by its version and with a remedy', () => {
  assert.match(unsupported(110022) ?? '', /PostgreSQL 11, older than 12.*Name a server/)
  // Before version 10 the number had three parts: 9.6.24.
  assert.match(unsupported(90624) ?? '', /PostgreSQL 9,/)
})

test('every later one is taken', () => {
  for (const versionNum of [120000, 120022, 180004, 190000])
    assert.equal(unsupported(versionNum), null)
})
