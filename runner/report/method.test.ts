import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulatedRun, STUDY } from '../../test/fixtures/simulated-run.ts'
import type { Run } from '../measurement/run.ts'
import type { Study } from '../measurement/study.ts'
import type { Hosts } from '../plan/hosts.ts'
import { method, testbedLine } from './method.ts'

test('a run from before failures counted is not said to count them', () => {
  const run = simulatedRun()
  assert.match(method(run).join(), /What crosses is of good answers alone, but/)
  for (const stage of run.trials.flatMap(({ stages }) => stages))
    stage.waited = { meanMs: stage.all.meanMs, p95Ms: stage.all.p95Ms }
  assert.match(method(run).join(), /What crosses is what users waited/)
})

/** The run with so many cores used by the application and by the database in its first stage, and few elsewhere. */
function withUse(run: Run, app: number, db: number): Run {
  const stages = run.trials.flatMap((trial) => trial.stages)
  for (const { cpu } of stages) for (const figures of Object.values(cpu)) figures.cores = 0.05
  const [first] = stages
  assert.ok(first?.cpu.app && first.cpu.db)
  first.validity = { valid: true, reasons: [] }
  first.cpu.app.cores = app
  first.cpu.db.cores = db
  return run
}

test('the line of a table says what was used, and that parts compete only where that came near the machine', () => {
  // Its limits add up to 4.5 cores of 2; Nginx and the runner use 0.1 together.
  assert.match(
    testbedLine(withUse(simulatedRun(), 0.6, 0.4)),
    /; limits add up to 4\.5 cores on a 2-core host; at most 1\.1 of 2 cores in use$/,
  )
  assert.match(testbedLine(withUse(simulatedRun(), 0.6, 1.09)), /; at most 1\.8 of 2 cores in use$/)
  assert.match(
    testbedLine(withUse(simulatedRun(), 0.6, 1.11)),
    /; at most 1\.8 of 2 cores in use: the parts compete$/,
  )
  const apart = withUse(simulatedRun(), 0.5, 0.41)
  apart.environment = { ...apart.environment, partCores: 1 }
  assert.match(testbedLine(apart), /; at most 1\.0 of 2 cores in use: the parts compete$/)
})

test('a stage that is no measurement says nothing of the use, and neither do parts that nobody saw', () => {
  const run = withUse(simulatedRun(), 0.6, 1.3)
  const [stage] = run.trials[0]?.stages ?? []
  assert.ok(stage)
  stage.validity = { valid: false, reasons: [] }
  assert.match(testbedLine(run), /; at most 0\.2 of 2 cores in use$/)
  for (const { stages } of run.trials) for (const each of stages) each.cpu = {}
  assert.match(testbedLine(run), /on a 2-core host; the parts may compete$/)
  const small: Hosts = { kind: 'fit', speed: 0.2, appCores: 0.2, dbCores: 0.4, periodUs: 10_000 }
  const onHosts = { ...run, configuration: { ...run.configuration, hosts: small } }
  assert.match(testbedLine(onHosts), /CFS period 10 ms$/)
  onHosts.configuration.hosts = { ...small, kind: 'pinned', appCores: 1, dbCores: 2 }
  assert.match(testbedLine(onHosts), /; the parts may compete$/)
  run.environment = { ...run.environment, oversubscribed: false, limitCores: null }
  assert.match(testbedLine(run), /; no CPU limits on a 2-core host$/)
})

test('with hosts of a speed the line names them, and the factor of the ramp', () => {
  const run = withUse(simulatedRun(), 0.26, 0.52)
  const hosts = {
    kind: 'fit' as const,
    speed: 0.26,
    appCores: 0.26,
    dbCores: 0.52,
    periodUs: 10_000,
  }
  run.configuration = { ...run.configuration, hosts, rampFactor: 3.7 }
  const begins = 'hosts that fit the machine: app 0.26, database 0.52 cores, CFS period 10 ms; '
  const ends = '; at most 0.9 of 2 cores in use'
  const ofStudy = `one of ${STUDY.name}’s users is 3.7 here`
  const said = (study: Study | null) => testbedLine({ ...run, study })
  assert.ok(said(STUDY).endsWith(`; ${begins}${ofStudy}${ends}`), said(STUDY))
  const ramp = { ...STUDY.ramp, crossing: STUDY.ramp.crossing / 2 }
  assert.match(said({ ...STUDY, ramp }), /users is 7\.4 here;/)
  assert.ok(
    said(null).endsWith(`; ${begins}the ramp is the profile’s times 3.7${ends}`),
    said(null),
  )
})

test('of parts on other hosts the use of this one says nothing', () => {
  for (const testbed of ['remote', 'swarm'] as const) {
    const run = withUse(simulatedRun(), 0.9, 1.5)
    run.environment = { ...run.environment, testbed, label: `${testbed} hosts`, limitCores: null }
    assert.equal(testbedLine(run), `${testbed} hosts`)
  }
})
