export type Bar = [x: number, low: number, high: number]

interface Api {
  value(dimension: number): number
  coord(point: [number, number]): [number, number]
}

/** 95 % intervals as vertical bars with caps. */
export function errorBars(bars: readonly Bar[], colour: string): object {
  const style = { stroke: colour, lineWidth: 1.5, fill: 'none' }
  return {
    type: 'custom',
    data: bars.map((bar) => [...bar]),
    silent: true,
    z: 2,
    renderItem: (_: unknown, api: Api) => {
      const [x, low] = api.coord([api.value(0), api.value(1)])
      const [, high] = api.coord([api.value(0), api.value(2)])
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: 'line',
        shape: { x1, y1, x2, y2 },
        style,
      })
      const cap = 4
      return {
        type: 'group',
        children: [
          line(x, low, x, high),
          line(x - cap, low, x + cap, low),
          line(x - cap, high, x + cap, high),
        ],
      }
    },
  }
}
