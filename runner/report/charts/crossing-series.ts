import type { Crossing } from '../../measurement/verdict.ts'
import { amount } from '../sheet.ts'
import { type ArmLook, FONT_SIZE, INK } from './theme.ts'

type Api = Readonly<{
  coord(point: [number, number]): [number, number]
}>
type Params = Readonly<{
  coordSys: Readonly<{ x: number; y: number; width: number; height: number }>
}>

/** px: an interval narrower than this would not be seen. */
const LEAST_WIDTH = 3
/** Crossings nearer than this factor have their labels in rows. */
const APART = 1.5

/** Which row above the axis each label stands in, so that near ones do not cover each other. */
export function labelRows(crossings: readonly Crossing[]): ReadonlyMap<string, number> {
  const rows = new Map<string, number>()
  const found = crossings.flatMap(({ arm, users }) => (users === null ? [] : [{ arm, users }]))
  let last: { users: number; row: number } | null = null
  for (const { arm, users } of found.toSorted((a, b) => a.users - b.users)) {
    const row: number = last && users < last.users * APART ? last.row + 1 : 0
    rows.set(arm, row)
    last = { users, row }
  }
  return rows
}

/** An open end is drawn this factor away. */
const OPEN = 4

/** Where an arm crosses the threshold: a line down to its users, its interval as a band around it. */
export function crossingSeries(
  { users, interval }: Crossing,
  { thresholdMs, row }: { readonly thresholdMs: number; readonly row: number },
  { colour, dash }: ArmLook,
): object[] {
  if (users === null) return []
  // An open end goes on to the edge of the plot: no figure is drawn where none is known.
  const reach = {
    low: interval ? (interval.low ?? users / OPEN) : users,
    high: interval ? (interval.high ?? users * OPEN) : users,
  }
  const y = Math.log10(thresholdMs)
  const place = (api: Api, x: number) => api.coord([Math.log10(Math.max(1, x)), y])
  const renderItem = ({ coordSys }: Params, api: Api) => {
    const [x, top] = place(api, users)
    const inside = (at: number) => Math.min(coordSys.x + coordSys.width, Math.max(coordSys.x, at))
    const [left, right] = [reach.low, reach.high].map((end) => inside(place(api, end)[0])) as [
      number,
      number,
    ]
    const bottom = coordSys.y + coordSys.height
    const width = Math.max(LEAST_WIDTH, right - left)
    const middle = right - left < LEAST_WIDTH ? x : (left + right) / 2
    const text = {
      text: amount(users),
      fill: colour,
      // A halo of paper: the label may lie on another arm's line.
      stroke: INK.paper,
      lineWidth: 3,
      fontSize: FONT_SIZE,
      fontWeight: 'bold',
      align: 'right',
      verticalAlign: 'bottom',
    }
    return {
      type: 'group',
      children: [
        {
          type: 'rect',
          shape: { x: middle - width / 2, y: top, width, height: bottom - top },
          style: { fill: colour, opacity: 0.18 },
        },
        {
          type: 'line',
          shape: { x1: x, y1: top, x2: x, y2: bottom },
          style: { stroke: colour, lineWidth: 1.5, lineDash: dash },
        },
        { type: 'text', x: x - 5, y: bottom - 4 - row * (FONT_SIZE + 4), style: text },
      ],
    }
  }
  return [{ type: 'custom', data: [[Math.log10(users), y]], silent: true, z: 2, renderItem }]
}
