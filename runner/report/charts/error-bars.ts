export type Bar = [x: number, low: number, high: number]

interface Params {
  readonly coordSys: { readonly y: number; readonly height: number }
}
interface Api {
  value(dimension: number): number
  coord(point: [number, number]): [number, number]
}

/** px to either side. */
const CAP = 4

/** 95 % intervals as vertical bars with caps; one that leaves the plot ends at its edge, without a cap. */
export function errorBars(bars: readonly Bar[], colour: string): object {
  const style = { stroke: colour, lineWidth: 1.5, fill: 'none' }
  const line = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line',
    shape: { x1, y1, x2, y2 },
    style,
  })
  const renderItem = ({ coordSys: { y: top, height } }: Params, api: Api) => {
    const [x, low] = api.coord([api.value(0), api.value(1)])
    const [, high] = api.coord([api.value(0), api.value(2)])
    const inside = (y: number) => Math.min(top + height, Math.max(top, y))
    const caps = [low, high].filter((y) => y === inside(y))
    return {
      type: 'group',
      children: [
        line(x, inside(low), x, inside(high)),
        ...caps.map((y) => line(x - CAP, y, x + CAP, y)),
      ],
    }
  }
  return { type: 'custom', data: bars.map((bar) => [...bar]), silent: true, z: 2, renderItem }
}
