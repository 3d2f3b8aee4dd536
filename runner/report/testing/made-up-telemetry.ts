import { seeded } from '../../analysis/random.ts'
import type { Run } from '../../measurement/run.ts'
import type { TelemetryPoint } from '../charts/trial-series.ts'

const PARTS = ['app', 'db', 'nginx', 'runner'] as const

/** MADE UP: the rows of telemetry.csv that would go with a made-up run. */
export function madeUpTelemetry({ trials, configuration }: Run): TelemetryPoint[] {
  const random = seeded(configuration.seed)
  return trials.flatMap((trial) =>
    trial.stages.flatMap((stage, at) =>
      stage.seconds.flatMap(({ atS }) =>
        PARTS.map((part): TelemetryPoint => {
          const { cores = 0, throttledRatio = null } = stage.cpu[part] ?? {}
          const noise = 0.9 + 0.2 * random.uniform()
          return {
            trial: trial.order,
            stage: at,
            atS,
            part,
            cpuCores: cores * noise,
            throttledRatio: throttledRatio === null ? null : Math.min(1, throttledRatio * noise),
          }
        }),
      ),
    ),
  )
}
