import { INK } from './palette.ts'

/** Inks of the dark page, and the one arm colour that is too dark on it. */
/** Background of the dark page. */
export const DARK_PAPER = '#0d1117'

const DARK: readonly (readonly [light: string, dark: string])[] = [
  [INK.paper, DARK_PAPER],
  [INK.text, '#e6edf3'],
  [INK.muted, '#9ea7b3'],
  [INK.line, '#7d8590'],
  [INK.faint, '#30363d'],
  ['#0072b2', '#3d9bd9'],
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
