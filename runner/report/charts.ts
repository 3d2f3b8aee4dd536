import type { Run } from '../measurement/run.ts'
import type { Chart } from './charts/chart.ts'
import { costChart } from './charts/cost.ts'
import { cpuChart } from './charts/cpu.ts'
import { distributionChart } from './charts/distribution.ts'
import { interactionChart } from './charts/interaction.ts'
import { responseTimeChart } from './charts/response-time.ts'
import { throughputChart } from './charts/throughput.ts'
import { timelineChart } from './charts/timeline.ts'
import type { TelemetryPoint } from './charts/trial-series.ts'

/**
 * Every chart of a run, in the order in which a report shows them; none without a valid stage.
 *
 * @param telemetry rows of telemetry.csv; without them time lines show each stage's mean CPU
 */
export function drawCharts(run: Run, telemetry: readonly TelemetryPoint[] = []): Chart[] {
  const measured = run.trials.filter(({ stages }) => stages.length > 0)
  const valid = measured.some(({ stages }) => stages.some(({ validity }) => validity.valid))
  if (!valid) return []
  const interaction = interactionChart(run)
  return [
    responseTimeChart(run),
    throughputChart(run),
    cpuChart(run),
    costChart(run),
    ...(interaction ? [interaction] : []),
    distributionChart(run),
    ...measured.map((trial) => timelineChart(run, trial, telemetry)),
  ]
}
