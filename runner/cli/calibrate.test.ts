import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCalibration } from './calibrate.ts'
import { UsageError } from './options.ts'

test('what calibrate does not take is refused before anything starts', async () => {
  for (const words of [
    '--long',
    '--with k6',
    '--loaders 0',
    '--loaders two',
    '--loaders 2 --short',
    '--loaders 2 --users 10,x',
    '--loaders 2 --think 5',
    '--loaders 2 --think 0s',
    '--users 10',
    '--think 5s',
  ]) {
    await assert.rejects(runCalibration(words.split(' ')), UsageError, words)
  }
})
