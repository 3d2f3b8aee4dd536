import { analysisOf, type WithAnalyses } from '../../analysis/arm-analysis.ts'
import { type CurvePoint, responseCurve } from '../../analysis/crossing/curve.ts'
import type { Run } from '../../measurement/run.ts'
import type { ArmLook } from './theme.ts'

type Api = Readonly<{ coord(point: readonly [number, number]): [number, number] }>

/** The fitted curve of an arm over the response times that it showed; empty of a threshold on a percentile. */
export function curveOf(
  run: WithAnalyses<Run>,
  arm: string,
  msSeen: readonly number[],
): CurvePoint[] {
  const seen = msSeen.filter((ms) => ms > 0)
  if (seen.length === 0 || run.configuration.thresholdOn !== 'mean') return []
  return responseCurve(analysisOf(run, arm), { low: Math.min(...seen), high: Math.max(...seen) })
}

/**
 * A curve as a line, in a band as wide as its interval.
 *
 * @param place of users and ms on the axes, which are logarithmic
 */
export function curveSeries(
  curve: readonly CurvePoint[],
  { colour, dash }: ArmLook,
  place: (users: number, ms: number) => readonly [x: number, y: number],
): object[] {
  if (curve.length < 2) return []
  const edge = (end: 'low' | 'high') =>
    curve.flatMap(({ ms, reach }) => (reach ? [place(reach[end], ms)] : []))
  const outline = [...edge('low'), ...edge('high').toReversed()]
  const first = outline[0]
  const line = {
    type: 'line',
    data: curve.map(({ users, ms }) => place(users, ms)),
    symbol: 'none',
    lineStyle: { color: colour, width: 2, type: dash },
    silent: true,
    z: 2,
  }
  if (first === undefined) return [line]
  const renderItem = (_: unknown, api: Api) => ({
    type: 'polygon',
    shape: { points: outline.map((at) => api.coord(at)) },
    style: { fill: colour, opacity: 0.15 },
  })
  return [{ type: 'custom', data: [first], clip: true, silent: true, z: 1, renderItem }, line]
}
