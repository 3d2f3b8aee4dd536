import { armNames, modeOf } from '../../analysis/levels.ts'
import { printableLine } from '../../foreign/printable.ts'
import type { Run } from '../../measurement/run.ts'
import type { Part } from '../../measurement/stage.ts'
import type { Mode } from '../../measurement/trial.ts'

/**
 * Okabe and Ito's colours, which people with any kind of colour vision tell apart.
 * Source: Okabe and Ito, Color Universal Design, 2008; Wong, Points of view: Color blindness, Nature
 * Methods 8, 2011.
 */
const OKABE_ITO = {
  blue: '#0072b2',
  green: '#009e73',
  vermillion: '#d55e00',
  purple: '#cc79a7',
  orange: '#e69f00',
  sky: '#56b4e9',
} as const

/** Ink and paper of a chart, light; each has a dark counterpart (see darkInk). */
export const INK = {
  paper: '#ffffff',
  text: '#24292f',
  muted: '#57606a',
  line: '#8c959f',
  faint: '#d8dee4',
} as const

const BY_MODE: Readonly<Record<Mode, string>> = {
  pooled: OKABE_ITO.blue,
  persistent: OKABE_ITO.green,
  'per-request': OKABE_ITO.vermillion,
}
const OTHERS = [OKABE_ITO.purple, OKABE_ITO.orange, OKABE_ITO.sky] as const

/**
 * From dark to light, in an order that every kind of colour vision sees, for levels of a factor: viridis
 * without its ends, of which one is too near to ink and the other to paper (Smith and van der Walt, 2015).
 */
const SEQUENCE = ['#3b528b', '#21918c', '#5ec962', '#c9b31c'] as const

/** The colour at a share of the way from the first level to the last. */
function levelColour(share: number): string {
  const at = Math.min(1, Math.max(0, share)) * (SEQUENCE.length - 1)
  const [from, to] = [SEQUENCE[Math.floor(at)], SEQUENCE[Math.ceil(at)]].map((colour) =>
    [1, 3, 5].map((place) => Number.parseInt(colour?.slice(place, place + 2) ?? '0', 16)),
  )
  const mixed = (from ?? []).map((value, channel) =>
    Math.round(value + ((to?.[channel] ?? value) - value) * (at % 1)),
  )
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** A step's own mean, and the running mean: apart in every kind of colour vision. */
export const READING_COLOURS = { own: OKABE_ITO.blue, running: OKABE_ITO.vermillion } as const

/** Parts are not arms: fills of a stack, apart from the colours that the arms usually have. */
export const PART_COLOURS: Readonly<Record<Part, string>> = {
  app: OKABE_ITO.sky,
  db: OKABE_ITO.orange,
  nginx: OKABE_ITO.purple,
  runner: INK.line,
}

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'] as const
const DASHES = ['solid', 'dashed', 'dotted', [8, 3, 2, 3]] as const

/** px. */
export type Size = Readonly<{
  width: number
  height: number
}>

export type ArmLook = Readonly<{
  colour: string
  /** Marker and dash tell arms apart without colour, and arms of one mode from each other. */
  symbol: (typeof SYMBOLS)[number]
  /** px. Later arms are smaller, so that a marker on another one shows both. */
  size: number
  dash: 'solid' | 'dashed' | 'dotted' | number[]
}>

/**
 * The look that each arm of a run keeps in every chart: colour by mode, dash by which of that mode; of levels
 * of a factor, colours run in the order of the levels, dash and marker by the arm that was changed.
 */
export function armLooks(run: Pick<Run, 'configuration' | 'trials'>): ReadonlyMap<string, ArmLook> {
  const seen = new Map<string, number>()
  const varied = new Map(run.configuration.arms.map((arm) => [arm.name, arm]))
  const looks = armNames(run).map((arm, at): [string, ArmLook] => {
    const own = varied.get(arm)
    const look = own?.factor === undefined ? null : levelLook(run, own)
    if (look !== null) return [arm, look]
    const mode = modeOf(run, arm)
    const nth = seen.get(mode ?? '') ?? 0
    seen.set(mode ?? '', nth + 1)
    const colour = mode ? BY_MODE[mode] : (OTHERS[nth % OTHERS.length] ?? OKABE_ITO.purple)
    const dash = DASHES[Math.floor(mode ? nth : nth / OTHERS.length) % DASHES.length] ?? 'solid'
    const symbol = SYMBOLS[at % SYMBOLS.length] ?? 'circle'
    const size = Math.max(5, 10 - 2 * at)
    return [arm, { colour, symbol, size, dash: typeof dash === 'string' ? dash : [...dash] }]
  })
  return new Map(looks)
}

/** Null where the run has no other level to tell this one from. */
function levelLook(
  { configuration }: Pick<Run, 'configuration'>,
  own: Run['configuration']['arms'][number],
): ArmLook | null {
  const alike = configuration.arms.filter(({ factor }) => factor === own.factor)
  const levels = [...new Set(alike.map(({ level }) => level))]
  if (levels.length < 2) return null
  const nth = [...new Set(alike.map(({ from }) => from))].indexOf(own.from)
  const dash = DASHES[nth % DASHES.length] ?? 'solid'
  return {
    colour: levelColour(levels.indexOf(own.level) / (levels.length - 1)),
    symbol: SYMBOLS[nth % SYMBOLS.length] ?? 'circle',
    size: 7,
    dash: typeof dash === 'string' ? dash : [...dash],
  }
}

/** What a reader's system reads best; measured by ECharts as a plain sans-serif. */
export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"

/** px. */
export const FONT_SIZE = 12

/** Inks of the dark page, and the arm colours that are too dark on it. */
/** Background of the dark page. */
const DARK_PAPER = '#0d1117'

const DARK: readonly (readonly [light: string, dark: string])[] = [
  [INK.paper, DARK_PAPER],
  [INK.text, '#e6edf3'],
  [INK.muted, '#9ea7b3'],
  [INK.line, '#7d8590'],
  [INK.faint, '#30363d'],
  ['#0072b2', '#3d9bd9'],
  [SEQUENCE[0], '#8095d0'],
]

/**
 * Style rules that turn the inks of a chart for a dark page. A chart carries plain colours, which every
 * viewer knows, and these rules override them where style sheets are known too.
 *
 * @param scope selector of the charts
 */
export function darkInk(scope: string): string {
  return DARK.flatMap(([light, dark]) =>
    ['fill', 'stroke'].map((paint) => `${scope} [${paint}="${light}"]{${paint}:${dark}}`),
  ).join('')
}

/** Ticks at 1, 2 and 5 of every decade that the range touches; at 1 alone over more than four decades. */
export function logTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const steps = last - first > 4 ? [1] : [1, 2, 5]
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at))
  return ticks
    .flatMap((decade) => steps.map((step) => Number((decade * step).toPrecision(1))))
    .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001)
}

const LINES = {
  axisLine: { show: true, onZero: false, lineStyle: { color: INK.line } },
  splitLine: { show: true, lineStyle: { color: INK.faint } },
}
const label = {
  color: INK.muted,
  fontSize: FONT_SIZE,
  hideOverlap: true,
  formatter: (value: number) => String(Number(value.toPrecision(6))),
}
const named = (name: string, across: boolean) => ({
  name,
  nameLocation: across ? 'middle' : 'end',
  nameGap: across ? 28 : 12,
  nameTextStyle: { color: INK.muted, fontSize: FONT_SIZE, align: across ? 'center' : 'left' },
})

type Range = Readonly<{
  low: number
  high: number
}>

/**
 * A logarithmic axis with readable ticks. ECharts' own has ticks at powers of ten alone, which leaves
 * 40 to 1,500 users with two: so data are given as logarithms, on an axis that names them back.
 */
export function logAxis(name: string, { low, high }: Range, across: boolean): object {
  const ticks = logTicks(low, high).map(Math.log10)
  return {
    type: 'value',
    ...named(name, across),
    ...LINES,
    min: Math.log10(low),
    max: Math.log10(high),
    axisTick: { show: true, customValues: ticks, lineStyle: { color: INK.line } },
    axisLabel: {
      ...label,
      customValues: ticks,
      formatter: (value: number) => String(Number((10 ** value).toPrecision(3))),
    },
  }
}

/** An axis from 0. */
export function linearAxis(name: string, across: boolean, more: object = {}): object {
  return { type: 'value', ...named(name, across), ...LINES, min: 0, axisLabel: label, ...more }
}

/** Ticks stand up to a factor of 2.5 apart, so this span holds two at least. */
const LEAST_SPAN = 6

/** The range of positive values with a margin on a logarithmic axis. */
export function logRange(values: readonly number[]): Range {
  const seen = values.filter((value) => value > 0)
  if (seen.length === 0) return { low: 1, high: 10 }
  const [low, high] = [Math.min(...seen) / 1.25, Math.max(...seen) * 1.25]
  const widen = Math.sqrt(Math.max(1, (LEAST_SPAN * low) / high))
  return { low: low / widen, high: high * widen }
}

/** px. Sign, gaps, and a letter of a legend entry, which ECharts can only estimate without a browser. */
const [SIGN, LETTER, LINE] = [46, 7, 27]

/** px from the top to the plot: under the legend, however many lines it takes, and the axis' name. */
export function plotTop({ width }: Size, legend: readonly string[]): number {
  let [lines, used] = [1, 0]
  for (const name of legend) {
    const entry = SIGN + LETTER * name.length
    if (used > 0 && used + entry > width) {
      lines += 1
      used = 0
    }
    used += entry
  }
  return 30 + lines * LINE
}

/** The size that leaves the plot its height under a legend of more than one line. */
export function underLegend(size: Size, legend: readonly string[]): Size {
  return { ...size, height: size.height + plotTop(size, legend) - plotTop(size, []) }
}

/**
 * What every chart has: a legend above, room for the axes, no animation.
 *
 * @param sign px, width of a sign of the legend: a marker alone needs less than a line
 */
export function frame(
  size: Size,
  legend: readonly string[],
  { icon, sign = icon === undefined ? 24 : 16 }: Readonly<{ icon?: string; sign?: number }> = {},
): object {
  return {
    textStyle: { fontFamily: FONT, color: INK.text },
    legend: {
      top: 0,
      left: 0,
      width: size.width,
      itemWidth: sign,
      itemHeight: icon ? 8 : 12,
      itemGap: 14,

      data: legend.map((name) => (icon ? { name, icon } : { name })),
      selectedMode: false,
      textStyle: { color: INK.text, fontSize: FONT_SIZE },
    },
    grid: { left: 52, right: 20, top: plotTop(size, legend), bottom: 48 },
  }
}

/** A chart as drawn for a page and for a phone. */
export type Chart = Readonly<{
  /** Also its file name, with `.svg`. */
  id: string
  /** What it shows, by which a report finds the section for it. */
  about: 'answer' | 'arms' | 'factor' | 'decision' | 'trial'
  title: string
  /** What it shows, for those who cannot see it. */
  alt: string
  /** How to read it, under the chart. */
  caption: string
  wide: string
  narrow: string
}>

export const WIDE: Size = { width: 760, height: 400 }
export const NARROW: Size = { width: 360, height: 340 }

/** A file of its own: the wide drawing on its own paper, light or dark as the reader's system is. */
export function svgFile({ wide, title, alt }: Chart): string {
  const dark = `svg{background:${DARK_PAPER}}${darkInk('svg')}`
  const style = `<style>svg{background:#fff}@media (prefers-color-scheme:dark){${dark}}</style>`
  const words = `<title>${escaped(title)}</title><desc>${escaped(alt)}</desc>`
  // By a function: a `$&` in a name is text, not what was found.
  return `${wide.replace('>', () => ` role="img">${words}${style}`)}\n`
}

function escaped(text: string): string {
  return printableLine(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
