import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArms } from './arms.ts'
import { canonical, changesOf, fixedVariables, limitsOf } from './levels.ts'

test('numbers and durations that are written in two ways are one', () => {
  for (const [one, other] of [
    ['10', '010'],
    ['0.5', '0.50'],
    ['1s', '1000ms'],
    ['1m30s', '90s'],
    [' on ', 'on'],
  ] as const)
    assert.equal(canonical(one), canonical(other), `${one} and ${other}`)
  for (const [one, other] of [
    ['10', '10s'],
    ['1m', '1ms'],
    ['1.0.0', '1.0'],
    ['0x10', '16'],
    ['a', 'A'],
  ] as const)
    assert.notEqual(canonical(one), canonical(other), `${one} and ${other}`)
})

test('a limit is a figure of the entry; what Compose fills in is none', () => {
  assert.deepEqual(limitsOf({ cpus: 0.5, mem_limit: '512m', pids_limit: 256 }), {
    cpu: { cores: 0.5, periodUs: 100_000 },
    memoryBytes: 512 * 2 ** 20,
    pids: 256,
  })
  assert.deepEqual(limitsOf({ cpus: 0, cpu_period: 20_000, cpu_quota: 5_000 }), {
    cpu: { cores: 0.25, periodUs: 20_000 },
  })
  assert.deepEqual(limitsOf({ cpu_period: 100_000, cpu_quota: '${APP_MILLICPUS:-1000}00' }), {})
  assert.equal(limitsOf({ mem_limit: '1.5gb' }).memoryBytes, 1.5 * 2 ** 30)
})

const ENTRIES = `
services:
  from: { labels: { org.samehost.mode: pooled }, mem_limit: 512m, environment: { ARM_NAME: from, A: 1, C: } }
  level:
    labels: { org.samehost.mode: pooled, org.samehost.factor: A, org.samehost.level: x, org.samehost.from: from }
    mem_limit: 256m
    environment: { ARM_NAME: level, A: '2', B: 'a$$b', D: '\${HOME}' }
`

test('a level is what it has otherwise than the arm it was changed from, and nothing but its name is left out', () => {
  const arms = readArms(ENTRIES)
  const [from, level] = arms
  assert.ok(from && level)
  assert.deepEqual(changesOf(from, arms), { variables: [], limits: [] })
  assert.deepEqual(changesOf(level, arms), { variables: ['A', 'B', 'D'], limits: ['mem_limit'] })
  assert.deepEqual(fixedVariables(level), { ARM_NAME: 'level', A: '2', B: 'a$b' })
})

test('a variable without a value is that of the shell, where there is one', () => {
  assert.equal(readArms(ENTRIES)[0]?.environment['C'], undefined)
  assert.equal(readArms(ENTRIES, null, { C: 'shell' })[0]?.environment['C'], 'shell')
})
