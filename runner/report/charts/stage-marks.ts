import { INK } from './palette.ts'
import type { StageSpan } from './trial-series.ts'

const INVALID = '#d1242f'

/** Bands where a stage was measured, named by its users. */
export function stageMarks(
  stages: readonly StageSpan[],
  axes: object,
  { labels, upright }: { readonly labels: boolean; readonly upright: boolean },
): object {
  return {
    type: 'line',
    ...axes,
    data: [],
    silent: true,
    markArea: {
      silent: true,
      label: {
        show: labels,
        position: 'top',
        distance: 3,
        fontSize: 10,
        color: INK.muted,
        ...(upright ? { rotate: 90, align: 'left', verticalAlign: 'middle', distance: 6 } : {}),
      },
      data: stages.map(({ users, valid, fromS, toS }) => [
        {
          name: String(users),
          xAxis: fromS,
          itemStyle: { color: valid ? INK.faint : INVALID, opacity: valid ? 0.45 : 0.15 },
        },
        { xAxis: toS },
      ]),
    },
  }
}
