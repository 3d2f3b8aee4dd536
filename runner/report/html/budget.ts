import type { Chart } from '../charts/chart.ts'

/** Characters of charts in a page: with its tables it stays under 2 MB. */
const MOST = 1_400_000

/** The charts, in order, that a page has room for; the rest are files beside it. */
export function fitting(charts: readonly Chart[]): Chart[] {
  let used = 0
  return charts.filter(({ wide, narrow }) => {
    used += wide.length + narrow.length
    return used <= MOST
  })
}
