/** ms; null where there was no request. */
export interface Ladder {
  readonly p50: number | null
  readonly p90: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
}
interface Api {
  value(dimension: number): number
  coord(point: [number, number]): [number, number]
}

/** Percentiles as one bar that thins out towards the largest value. */
export function rangeMarks(
  rows: readonly (Ladder & { readonly y: number })[],
  colour: string,
  log: (value: number) => number,
): object {
  const whole = rows.flatMap(({ y, p50, p90, p95, p99, max }) =>
    p50 === null || p90 === null || p95 === null || p99 === null || max === null
      ? []
      : [[log(p50), y, log(p90), log(p95), log(p99), log(max)]],
  )
  const renderItem = (_: unknown, api: Api) => {
    const y = api.value(1)
    const at = (dimension: number) => api.coord([api.value(dimension), y])
    const [[p50, middle], [p90], [p95], [p99], [max]] = [at(0), at(2), at(3), at(4), at(5)]
    const line = (x1: number, x2: number, style: object) => ({
      type: 'line',
      shape: { x1, y1: middle, x2, y2: middle },
      style: { stroke: colour, ...style },
    })
    return {
      type: 'group',
      children: [
        line(p99, max, { lineWidth: 1, lineDash: [2, 3] }),
        line(p90, p99, { lineWidth: 2 }),
        line(p50, p90, { lineWidth: 6, opacity: 0.6 }),
        {
          type: 'line',
          shape: { x1: p95, y1: middle - 5, x2: p95, y2: middle + 5 },
          style: { stroke: colour, lineWidth: 2 },
        },
      ],
    }
  }
  return { type: 'custom', data: whole, silent: true, z: 2, renderItem }
}
