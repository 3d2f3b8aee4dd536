import type { StockRow } from './calibration.ts'
import { exactStatistics } from './measure.ts'
import type { DelayServer } from './server-process.ts'

export type StockOptions = Readonly<{
  delay: string
  users: number
  thinkMs: number
  holdS: number
}>

/** autocannon with nothing of ours: its rate stands for the think time, its result is what it prints. */
export async function measureStock(
  server: DelayServer,
  { delay, users, thinkMs, holdS }: StockOptions,
): Promise<StockRow> {
  // Only now: it would be memory of the instrument, which uses its client alone.
  const { default: autocannon } = await import('autocannon')
  await server.takeLog()
  const { latency } = await autocannon({
    url: `${server.url}/${delay}/products`,
    connections: users,
    connectionRate: Math.max(1, Math.round(1000 / thinkMs)),
    duration: holdS,
  })
  const log = await server.takeLog()
  return {
    delay,
    users,
    truth: exactStatistics(log.serviceMs),
    // It has no 95th percentile; the 97.5th is the nearest that it prints.
    measured: {
      meanMs: latency.mean,
      p50Ms: latency.p50,
      p95Ms: latency.p97_5,
      p99Ms: latency.p99,
    },
  }
}
