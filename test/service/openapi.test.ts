import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { KIT } from '../docker/kit.ts'

const yaml = await readFile(`${KIT}services/contract.yaml`, 'utf8')

test('the contract is valid OpenAPI 3.1, and every reference in it resolves', async () => {
  const validator = new Validator()
  const { valid, errors } = await validator.validate(yaml)
  assert.ok(valid, JSON.stringify(errors, null, 2))
  assert.equal(validator.version, '3.1')
  assert.ok(validator.resolveRefs())
})

test('a contract that is not OpenAPI is found out', async () => {
  for (const [right, wrong] of [
    ['paths:', 'ways:'],
    ['\ninfo:', '\ninformation:'],
    ['in: path', 'in: nowhere'],
  ] as const) {
    assert.ok(yaml.includes(right), right)
    const { valid } = await new Validator().validate(yaml.replaceAll(right, wrong))
    assert.equal(valid, false, wrong)
  }
})
