import type { Run } from '../../measurement/run.ts'
import type { Studied } from '../../measurement/study.ts'
import { costChart } from './cost.ts'
import { cpuChart } from './cpu.ts'
import { distributionChart } from './distribution.ts'
import { factorCharts } from './factor.ts'
import { interactionChart } from './interaction.ts'
import { responseTimeChart } from './response-time.ts'
import type { TelemetryPoint } from './series.ts'
import { studyRampChart } from './study-ramp.ts'
import type { Chart } from './theme.ts'
import { throughputChart } from './throughput.ts'
import { timelineChart } from './timeline.ts'

/**
 * Every chart of a run, in the order in which a report shows them; none without a valid stage.
 *
 * @param telemetry rows of telemetry.csv; without them time lines show each stage's mean CPU
 */
export function drawCharts(run: Studied<Run>, telemetry: readonly TelemetryPoint[] = []): Chart[] {
  const measured = run.trials.filter(({ stages }) => stages.length > 0)
  const valid = measured.some(({ stages }) => stages.some(({ validity }) => validity.valid))
  if (!valid) return []
  const ramp = studyRampChart(run)
  const interaction = interactionChart(run)
  return [
    ...factorCharts(run),
    responseTimeChart(run),
    ...(ramp ? [ramp] : []),
    throughputChart(run),
    cpuChart(run),
    costChart(run),
    ...(interaction ? [interaction] : []),
    distributionChart(run),
    ...measured.map((trial) => timelineChart(run, trial, telemetry)),
  ]
}
