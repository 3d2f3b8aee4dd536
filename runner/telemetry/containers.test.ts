import assert from 'node:assert/strict'
import { test } from 'node:test'
import { observeContainers, partCounters } from './containers.ts'
import type { EngineWindow } from './engine-window.ts'

const DETAILS = {
  RestartCount: 2,
  State: { OOMKilled: true, StartedAt: '', Status: 'running' },
  HostConfig: { NanoCpus: 1e9, Memory: 512e6 },
}
const stats = (memory: Record<string, number>) => ({
  cpu_stats: {
    cpu_usage: { total_usage: 5_000_000 },
    throttling_data: { periods: 10, throttled_periods: 3 },
  },
  memory_stats: { usage: 100, limit: 1_000, stats: memory },
  networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
})

test('counters of a container with limits', () => {
  assert.deepEqual(partCounters(stats({}), DETAILS, 7), {
    atMs: 7,
    cpuUs: 5_000,
    cpuLimit: { cores: 1, periodUs: 100_000 },
    periods: 10,
    throttledPeriods: 3,
    memoryBytes: 100,
    memoryLimitBytes: 512e6,
    networkRxBytes: 11,
    networkTxBytes: 22,
    restarts: 2,
    oomKills: 1,
  })
})

test('file cache is no memory in use, by the field of cgroup v1 and of v2', () => {
  const v1 = partCounters(stats({ total_inactive_file: 30, inactive_file: 5 }), DETAILS, 0)
  const v2 = partCounters(stats({ inactive_file: 40 }), DETAILS, 0)
  assert.deepEqual([v1.memoryBytes, v2.memoryBytes], [70, 60])
})

test('without a quota there is nothing to be throttled by', () => {
  const free = { ...DETAILS, HostConfig: { NanoCpus: 0, Memory: 0 } }
  const { periods, throttledPeriods, memoryLimitBytes } = partCounters(stats({}), free, 0)
  assert.deepEqual([periods, throttledPeriods, memoryLimitBytes], [null, null, null])
})

test('a container is inspected at the ends of a window alone, and its restart between them is seen', async () => {
  const asked: string[] = []
  const engine: EngineWindow = {
    version: 'Docker/26.1.5 (linux)',
    containers: () => Promise.resolve([]),
    digests: () => Promise.resolve([]),
    restart: () => Promise.resolve(),
    setCpuLimit: () => Promise.resolve(),
    stats: (ids) => {
      asked.push(`stats ${ids.join(',')}`)
      return Promise.resolve(Object.fromEntries(ids.map((id) => [id, stats({})])))
    },
    inspect: (id) => {
      asked.push(`inspect ${id}`)
      const restarts = asked.filter((what) => what.startsWith('inspect')).length
      return Promise.resolve({ ...DETAILS, RestartCount: restarts })
    },
  }
  const observer = observeContainers(engine, { app: 'a', window: 'w' })
  const readings = [
    await observer.read('edge'),
    await observer.read('within'),
    await observer.read('within'),
    await observer.read('edge'),
  ]
  const edge = ['stats a,w', 'inspect a', 'inspect w']
  assert.deepEqual(asked, [...edge, 'stats a', 'stats a', ...edge])
  assert.deepEqual(
    readings.map(({ app }) => app?.restarts),
    [1, 1, 1, 3],
  )
  assert.deepEqual(
    readings.map(({ window }) => window !== undefined),
    [true, false, false, true],
  )
})
