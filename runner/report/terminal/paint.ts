import { styleText } from 'node:util'
import type { Tone } from '../sheet.ts'

const STYLES = { good: 'green', bad: 'red', muted: 'dim', strong: 'bold' } as const

/** The tone as ANSI colour. The environment is not asked: whether there is colour is the caller's word. */
export function paint(text: string, tone: Tone | undefined, colour: boolean): string {
  if (!colour || tone === undefined || text === '') return text
  return styleText(STYLES[tone], text, { validateStream: false })
}
