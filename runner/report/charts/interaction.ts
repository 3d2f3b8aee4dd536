import { type Decision, decisionsOf, decisionText } from '../../analysis/factors/decisions.ts'
import { armFactors } from '../../analysis/factors/grid.ts'
import type { Run } from '../../measurement/run.ts'
import type { Crossing } from '../../measurement/verdict.ts'
import { amount } from '../sheet.ts'
import { draw } from './drawing.ts'
import { type Bar, errorBars } from './marks.ts'
import {
  armLooks,
  type Chart,
  FONT_SIZE,
  frame,
  INK,
  logAxis,
  logRange,
  NARROW,
  underLegend,
  WIDE,
  type Size,
} from './theme.ts'

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'] as const
const DASHES = ['solid', 'dashed', 'dotted', [8, 3, 2, 3]] as const

type Cell = Readonly<{
  arm: string
  framework: string
  mode: string
  users: number
  interval: Crossing['interval']
}>

/**
 * The crossing of each arm by connection mode, the arms of one framework joined: lines that run in
 * parallel mean that the mode costs every framework the same share. null without a grid that crossed.
 */
export function interactionChart(run: Run): Chart | null {
  const decision = decisionsOf(run).find(({ figure }) => figure === 'crossing')
  if (!decision) return null
  const cells = cellsOf(run, decision)
  const { mode, framework } = decision.names
  const points = cells.map(({ arm, users }) => `${arm} ${amount(users)}`).join(', ')
  return {
    id: 'interaction',
    about: 'decision',
    title: `What decides: crossing by ${bare(mode.long)} and ${bare(framework.long)}`,
    alt: `Users at the crossing, on a logarithmic axis, by ${bare(mode.long)}, a line for each ${bare(framework.long)}: ${points}. ${decisionText(decision)}`,
    caption:
      `A line joins the arms of one ${bare(framework.long)}. Where it falls, ${mode.long} decides; how far ` +
      `the lines are apart, ${framework.long}; parallel lines mean that the two do not interact. Bars: ` +
      '95 % intervals of each arm.',
    wide: drawn(run, decision, cells, WIDE),
    narrow: drawn(run, decision, cells, NARROW),
  }
}

const bare = (name: string) => name.replace(/^the /, '')

function cellsOf(run: Run, { modes, frameworks }: Decision): Cell[] {
  return armFactors(run).flatMap(({ arm, framework, mode }): Cell[] => {
    const crossing = run.crossings.find((one) => one.arm === arm)
    if (!crossing || crossing.users === null) return []
    if (!modes.includes(mode) || !frameworks.includes(framework)) return []
    return [{ arm, framework, mode, users: crossing.users, interval: crossing.interval }]
  })
}

function drawn(run: Run, { modes, frameworks }: Decision, cells: readonly Cell[], paper: Size) {
  const looks = armLooks(run)
  const size = underLegend(paper, frameworks)
  const values = cells.flatMap(({ users, interval }) => [users, ...edges(interval)])
  const colourOf = (arm: string) => looks.get(arm)?.colour ?? INK.text
  return draw(
    {
      ...frame(size, frameworks),
      xAxis: {
        type: 'category',
        data: modes,
        axisLine: { lineStyle: { color: INK.line } },
        axisTick: { show: false },
        axisLabel: { color: INK.text, fontSize: FONT_SIZE, interval: 0 },
      },
      yAxis: logAxis('users at the crossing', logRange(values), false),
      series: frameworks.flatMap((framework, nth) => {
        const own = modes.map((mode) =>
          cells.find((one) => one.framework === framework && one.mode === mode),
        )
        const dash = DASHES[nth % DASHES.length] ?? 'solid'
        const line = {
          type: 'line',
          name: framework,
          symbol: SYMBOLS[nth % SYMBOLS.length],
          symbolSize: 10,
          showAllSymbol: true,
          silent: true,
          z: 3,
          connectNulls: true,
          itemStyle: { color: INK.text },
          lineStyle: {
            color: INK.text,
            width: 1.5,
            type: typeof dash === 'string' ? dash : [...dash],
          },
          data: own.map(
            (one) =>
              one && { value: Math.log10(one.users), itemStyle: { color: colourOf(one.arm) } },
          ),
        }
        const bars = own.flatMap((one, x) => {
          const [low, high] = edges(one?.interval ?? null)
          if (!one || low === undefined || high === undefined) return []
          const bar: Bar = [x, Math.log10(low), Math.log10(high)]
          return [errorBars([bar], colourOf(one.arm))]
        })
        return [line, ...bars]
      }),
    },
    size,
  )
}

/** Users; none where an end is open. */
const edges = (interval: Crossing['interval']): number[] =>
  interval?.low && interval.high ? [Math.max(1, interval.low), interval.high] : []
