import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hostEnvironment, KIT } from '../kit.ts'
import { CPU_PERIOD_US } from '../plan/hosts.ts'
import { keepFit, knownFit } from './hosts-file.ts'

const fit = {
  at: '2026-11-25T17:18:22.614Z',
  arm: 'fastapi-pooled',
  speed: 0.111,
  ceilingPerS: 97.3,
  yardstickMs: 2.52,
  periodUs: 100_000,
}

test('the first fit that can be read is known, if its limits had the same period', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'fit-'))
  t.after(() => rm(folder, { recursive: true }))
  const [own, other, broken] = ['own', 'other', 'broken'].map((name) => join(folder, name))
  assert.ok(own && other && broken)
  await keepFit(own, hostEnvironment(), fit)
  await keepFit(other, hostEnvironment(), { ...fit, speed: 0.133, periodUs: 10_000 })
  await writeFile(broken, '{ "speed": 0.5 }')
  const speedOf = async (...paths: string[]) => (await knownFit(paths, 100_000))?.speed
  assert.equal(await speedOf(own, other), 0.111)
  assert.equal(await speedOf(join(folder, 'none'), broken, other, own), 0.111)
  assert.equal(await speedOf(other), undefined)
})

test('the committed fit is of the period that limits have', async () => {
  assert.ok(await knownFit([join(KIT, 'results', 'reference-hosts.json')], CPU_PERIOD_US))
})
