import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DatabaseError } from 'pg'
import { DatabaseFault, faultOf, losesConnection } from './fault.ts'

function answered(code: string, severity = 'ERROR'): DatabaseError {
  return Object.assign(new DatabaseError('reported by the server', 20, 'error'), { code, severity })
}
const system = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'read' })

const cases: [what: string, error: unknown, kind: string | undefined, lost: boolean][] = [
  ['connection refused', system('ECONNREFUSED'), 'unreachable', true],
  ['connection reset', system('ECONNRESET'), 'unreachable', true],
  ['socket closed', new Error('Connection terminated unexpectedly'), 'unreachable', true],
  [
    'socket found dead',
    new Error('Client has encountered a connection error and is not queryable'),
    'unreachable',
    true,
  ],
  ['no answer', new Error('Query read timeout'), 'timeout', true],
  ['terminated by an administrator', answered('57P01', 'FATAL'), 'unreachable', true],
  ['starting up', answered('57P03', 'FATAL'), 'unreachable', true],
  ['too many connections', answered('53300', 'FATAL'), 'unreachable', true],
  ['no such database', answered('3D000', 'FATAL'), 'unreachable', true],
  ['idle in transaction for too long', answered('25P03', 'FATAL'), 'unreachable', true],
  ['no such table', answered('42P01'), 'unreachable', false],
  ['disk full', answered('53100'), 'unreachable', false],
  ['deadlock', answered('40P01'), 'unreachable', false],
  ['statement timed out', answered('57014'), 'timeout', false],
  ['syntax error', answered('42601'), undefined, false],
  ['unique violation', answered('23505'), undefined, false],
  ['a defect of this code', new TypeError('x is not a function'), undefined, true],
  ['a fault already reported', new DatabaseFault('busy', 'reported'), 'busy', true],
]
for (const [what, error, kind, lost] of cases) {
  test(`${what}: ${kind ?? 'no fault of the database'}, session ${lost ? 'lost' : 'kept'}`, () => {
    assert.equal(faultOf(error)?.kind, kind)
    assert.equal(losesConnection(error), lost)
  })
}
