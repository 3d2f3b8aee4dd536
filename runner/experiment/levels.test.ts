import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { fakeSetting } from '../../test/fixtures/fake/testbed.ts'
import { response, startShop } from '../../test/fixtures/shop-server.ts'
import { simulatedRun } from '../../test/fixtures/simulated-run.ts'
import { judgedAgain } from '../analysis/standing.ts'
import type { Trial } from '../measurement/trial.ts'
import type { Arm } from '../plan/arms.ts'
import { type ArmLimits, fixedVariables } from '../plan/levels.ts'
import { givenHere } from '../testbed/embedded/arm-process.ts'
import type { HostControl, HostLimits, Testbed } from '../testbed/testbed.ts'
import { applyHosts } from './hosts.ts'
import { levelFaults, unconfirmedTrial } from './levels.ts'
import { runTrial } from './trial.ts'

const FROM: Arm = {
  name: 'from',
  mode: 'pooled',
  entry: null,
  environment: { ARM_NAME: 'from', DB_MODE: 'pooled', DB_HOST: 'db' },
  groups: [],
  limits: { memoryBytes: 512, pids: 256 },
}
const level = (
  name: string,
  environment: Readonly<Record<string, string>>,
  limits: ArmLimits = {},
): Arm => ({
  ...FROM,
  name,
  environment: { ...FROM.environment, ARM_NAME: name, ...environment },
  limits: { ...FROM.limits, ...limits },
  factor: { factor: 'one thing', level: name, from: 'from' },
})

type Said = Readonly<Record<string, string | number>>

const GIVEN = 'a'.repeat(64)
const always = (): boolean => true

/** A service that says this of itself once it is up; null: it says nothing of its settings. */
async function serviceThatSays(t: TestContext, arm: string, said: Said | null, isUp = always) {
  const names = `x-samehost-arm: ${arm}\r\nx-samehost-instance: 1\r\n`
  const health = JSON.stringify({ status: 'ok', ...(said && { settings: said, given: GIVEN }) })
  return await startShop(t, (socket, { path }) => {
    if (!path.endsWith('/healthz')) return false
    socket.write(isUp() ? response(200, health, names) : response(200, '{"status":"ok"}', ''))
    return true
  })
}

/** A testbed on which each arm is a server that says this. */
async function testbedOf(
  t: TestContext,
  arms: readonly (readonly [Arm, Said | null])[],
  more: Partial<Testbed> = {},
  isUp = always,
): Promise<Testbed> {
  const urls = new Map<string, string>()
  for (const [arm, said] of arms)
    urls.set(arm.name, (await serviceThatSays(t, arm.name, said, isUp)).url)
  const testbed: Partial<Testbed> = {
    kind: 'compose',
    label: 'a testbed',
    arms: [FROM, ...arms.map(([arm]) => arm)],
    database: null,
    databaseOf: () => null,
    hosts: null,
    given: fixedVariables,
    open: (arm) =>
      Promise.resolve({
        url: urls.get(arm.name) ?? '',
        version: null,
        startedAt: null,
        observer: { read: () => Promise.resolve({}) },
        died: () => Promise.resolve(null),
        close: () => Promise.resolve(),
      }),
    ...more,
  }
  return testbed as Testbed
}

/** Hosts that remember their limits; one that does not count gives less than it was asked for. */
function hostsWith(others: Pick<ArmLimits, 'memoryBytes' | 'pids'>, mostCores = 2): HostControl {
  const set = new Map<string, HostLimits>()
  return {
    mostCores,
    restartArm: () => Promise.resolve(''),
    limitsOf: (name) => Promise.resolve(set.get(name) ?? null),
    otherLimitsOf: () => Promise.resolve(others),
    setLimits: (name, limits) => {
      if (limits.cores > mostCores)
        return Promise.reject(new Error(`${name}: the machine has ${mostCores} cores.`))
      set.set(name, limits)
      return Promise.resolve()
    },
  }
}

const { signal } = new AbortController()
async function faultsOf(testbed: Testbed) {
  const warnings: string[] = []
  const warn = (text: string): void => void warnings.push(text)
  const asked = testbed.arms.filter(({ name }) => name !== 'from')
  return { faults: await levelFaults(asked, { testbed, warn, signal }), warnings }
}

test('levels that their services confirm are measured, however a value is written', async (t) => {
  const testbed = await testbedOf(t, [
    [level('a', { DB_POOL_MAX: '05' }), { DB_MODE: 'pooled', DB_POOL_MAX: 5 }],
    [level('b', { DB_POOL_MAX: '10' }), { DB_MODE: 'pooled', DB_POOL_MAX: 10 }],
    [level('c', { DB_CONN_MAX_AGE: '1m' }), { DB_CONN_MAX_AGE: '60000ms', DB_POOL_MAX: 10 }],
    [level('d', { DB_CONN_MAX_AGE: '${AGE:-2m}' }), { DB_CONN_MAX_AGE: '120s' }],
    // One without what the arm has that it was changed from.
    [level('e', { DB_TLS_CA: '' }), { DB_TLS_CA: '', DB_POOL_MAX: 12 }],
  ])
  assert.deepEqual(await faultsOf(testbed), { faults: [], warnings: [] })
})

for (const [what, arms, expected] of [
  [
    'a level that the service has otherwise',
    [[level('a', { DB_POOL_MAX: '5' }), { DB_POOL_MAX: 10 }]],
    /^a: its level is not confirmed: it goes by DB_POOL_MAX=10, and was told 5\./,
  ],
  [
    'a variable that is none of the service',
    [[level('a', { DB_POOLMAX: '5' }), { DB_POOL_MAX: 10 }]],
    /^a: .* goes by DB_POOLMAX: it is no variable of it, .*; it goes by DB_POOL_MAX/,
  ],
  [
    'another mode than its entry says',
    [[level('a', { X: '1' }), { X: 1, DB_MODE: 'per-request' }]],
    /it goes by DB_MODE=per-request, and was told pooled/,
  ],
  [
    'two levels that go by the same',
    [
      [level('a', { DB_POOL_MAX: '10' }), { DB_POOL_MAX: 10 }],
      [level('b', { DB_POOL_MAX: '10.0' }), { DB_POOL_MAX: 10 }],
    ],
    /^a and b go by the same settings/,
  ],
] as const)
  test(`refused before anything is measured: ${what}`, async (t) => {
    const { faults } = await faultsOf(await testbedOf(t, arms))
    assert.match(faults.join('\n'), expected)
    assert.equal(faults.length, 1)
  })

test('two levels that differ in their image alone may go by the same settings', async (t) => {
  const arms = ['a', 'b'].map((name) => [level(name, {}), { DB_POOL_MAX: 10 }] as const)
  assert.deepEqual((await faultsOf(await testbedOf(t, arms))).faults, [])
})

test('a level whose service says nothing is warned of once; without Docker a place of containers is refused', async (t) => {
  const silent = await faultsOf(await testbedOf(t, [[level('a', { X: '1' }), null]]))
  assert.deepEqual(silent.faults, [])
  assert.match(silent.warnings.join('\n'), /^a does not say its settings .* will be INVALID\.$/)
  const embedded = { kind: 'embedded', given: givenHere } as const
  for (const variables of [{ DB_HOST: 'db-2' }, { DB_POOL_MAX: '${MOST:-5}' }]) {
    const arms = [[level('a', variables), {}]] as const
    const [name = ''] = Object.keys(variables)
    const { faults } = await faultsOf(await testbedOf(t, arms, embedded))
    assert.match(faults.join('\n'), new RegExp(`^a: ${name} cannot be had without Docker: .ARMS=a`))
  }
})

test('a level that is a limit is set and read back, or refused by name where it cannot be', async (t) => {
  const cpus = (cores: number) => ({ cpu: { cores, periodUs: 100_000 } })
  const arms = [
    [level('slow', {}, cpus(0.1)), {}],
    [level('fast', {}, cpus(1)), {}],
  ] as const
  const hosts = hostsWith({ memoryBytes: 512, pids: 256 })
  const testbed = await testbedOf(t, arms, { hosts })
  assert.deepEqual((await faultsOf(testbed)).faults, [])
  // HOSTS gives every other arm its limit, and these keep theirs.
  const studied = { speed: 0.26, appCores: 0.26, dbCores: 0.52, periodUs: 100_000 }
  const has = async (arm: Arm): Promise<number | undefined> => {
    await applyHosts(testbed, arm, { kind: 'fit', ...studied })
    return (await hosts.limitsOf(arm.name))?.cores
  }
  assert.deepEqual(await Promise.all([...testbed.arms].map(has)), [0.26, 0.1, 1])
  assert.equal((await hosts.limitsOf('db'))?.cores, 0.52)

  const large = [[level('large', {}, cpus(3)), {}]] as const
  const refused = await faultsOf(await testbedOf(t, large, { hosts }))
  assert.match(refused.faults.join(), /^large: .*the machine has 2 cores/)
  const { faults } = await faultsOf(await testbedOf(t, arms))
  assert.match(faults.join('\n'), /^slow: its cpus can be neither set nor read here \(a testbed\)/)
  const memory = [[level('small', {}, { memoryBytes: 256 }), {}]] as const
  const other = await faultsOf(await testbedOf(t, memory, { hosts }))
  assert.match(
    other.faults.join(),
    /^small: .* to have mem_limit 256, and what is read back is 512/,
  )
  const none = await faultsOf(await testbedOf(t, memory, { hosts, kind: 'embedded' }))
  assert.match(none.faults.join(), /^small: mem_limit is not limited without Docker/)
})

test('within a quota of half a core a level is looked at with what there is', async (t) => {
  const arms = [[level('a', { X: '1' }), { X: 1 }]] as const
  const testbed = await testbedOf(t, arms, { hosts: hostsWith({}, 0.5) })
  assert.deepEqual((await faultsOf(testbed)).faults, [])
})

/** A trial of one stage by the book, on a service that says this. */
async function trialOf(
  t: TestContext,
  arm: Arm,
  said: Said | null,
  { earlier = [], isLate = false }: { earlier?: readonly Trial[]; isLate?: boolean } = {},
) {
  let isUp = !isLate
  const testbed = await testbedOf(t, [[arm, said]], {}, () => isUp)
  const fake = await fakeSetting(t, {
    configuration: { users: [40] },
    on: (event) => (isUp ||= event === 'window opens'),
  })
  const planned = { arm: arm.name, index: 0, order: 0 }
  const trial = await runTrial(planned, arm, { ...fake.setting, testbed, earlier })
  assert.equal(trial.stages.length, 1, trial.problem)
  return { run: { ...simulatedRun(), trials: [trial] }, trial }
}

test('a level that its service does not confirm is INVALID, and stays so when it is judged again', async (t) => {
  const arm = level('a', { DB_POOL_MAX: '5' })
  for (const [said, text] of [
    [{ DB_POOL_MAX: 10 }, /a is not confirmed: it goes by DB_POOL_MAX=10, and was told 5/],
    [null, /a is not confirmed: it does not say on \/healthz that it goes by DB_POOL_MAX/],
  ] as const) {
    const { run } = await trialOf(t, arm, said)
    const [again] = judgedAgain(run).trials
    for (const trial of [run.trials[0], again]) {
      const validity = trial?.stages[0]?.validity
      assert.equal(validity?.valid, false)
      assert.match(validity.reasons.find(({ check }) => check === 'settings')?.text ?? '', text)
    }
  }
})

test('a level that says what it goes by from its first stage on is confirmed by then', async (t) => {
  const said = { DB_POOL_MAX: '5' }
  const { trial } = await trialOf(t, level('a', { DB_POOL_MAX: '5' }), said, { isLate: true })
  assert.deepEqual([trial.identity?.lateStages, trial.identity?.settings], [1, said])
  const [stage] = trial.stages
  assert.ok(!stage?.validity.reasons.some(({ check }) => check === 'settings'))
})

test('a level that cannot be opened is warned of, and the others are looked at', async (t) => {
  const arms = [
    [level('gone', { X: '1' }), { X: 1 }],
    [level('other', { X: '2' }), { X: 3 }],
  ] as const
  const testbed = await testbedOf(t, arms)
  const { open } = testbed
  const { faults, warnings } = await faultsOf({
    ...testbed,
    open: (arm) =>
      arm.name === 'gone' ? Promise.reject(new Error('It ended: no message.')) : open(arm),
  })
  assert.match(faults.join('\n'), /^other: its level is not confirmed: .*X=3, and was told 2/)
  assert.match(
    warnings.join('\n'),
    /^gone: It ended: no message\. Its level could not be confirmed/,
  )
})

test('a place that embedded replaces anyway may be filled in by Compose', async (t) => {
  const arms = [level('a', { X: '1' }), level('b', { X: '2' })].map((arm) => {
    const environment = { ...arm.environment, DB_HOST: '${PLACE:-db}', PORT: '${PORT:-3000}' }
    return [{ ...arm, environment }, { X: Number(arm.environment['X']) }] as const
  })
  const from = {
    ...FROM,
    environment: { ...FROM.environment, DB_HOST: '${PLACE:-db}', PORT: '${PORT:-3000}' },
  }
  const testbed = await testbedOf(t, arms, { kind: 'embedded', given: givenHere })
  const all = [from, ...arms.map(([arm]) => arm)]
  assert.deepEqual((await faultsOf({ ...testbed, arms: all })).faults, [])
})

test('an arm that says nothing and is no level is not INVALID by that', async (t) => {
  const { trial } = await trialOf(t, { ...FROM, name: 'mine' }, null)
  const checks = trial.stages.flatMap(({ validity }) => validity.reasons.map(({ check }) => check))
  assert.ok(!checks.includes('settings'), checks.join())
})

test('an arm that is given something else than in its first trial is none of this run', async (t) => {
  const testbed = await testbedOf(t, [])
  const [simulated] = simulatedRun().trials
  assert.ok(simulated)
  const identity = { arm: 'from', instance: '1', proofs: 1, settings: {}, given: GIVEN }
  const earlier = [{ ...simulated, arm: 'from', identity }]
  const doubtOf = (given: string) =>
    unconfirmedTrial(FROM, { identity: { ...identity, given } }, testbed, earlier)
  assert.equal(doubtOf(GIVEN), null)
  assert.match(doubtOf('b'.repeat(64)) ?? '', /was given other variables than in its first trial/)
})
