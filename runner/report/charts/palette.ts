import { armNames } from '../../analysis/levels.ts'
import { modeOf } from '../../analysis/mode-of.ts'
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

/** Ink and paper of a chart, light; each has a dark counterpart (see dark-ink.ts). */
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

/** Parts are not arms: fills of a stack, apart from the colours that the arms usually have. */
export const PART_COLOURS: Readonly<Record<Part, string>> = {
  app: OKABE_ITO.sky,
  db: OKABE_ITO.orange,
  nginx: OKABE_ITO.purple,
  runner: INK.line,
}

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'] as const
const DASHES = ['solid', 'dashed', 'dotted', [8, 3, 2, 3]] as const

export interface ArmLook {
  readonly colour: string
  /** Marker and dash tell arms apart without colour, and arms of one mode from each other. */
  readonly symbol: (typeof SYMBOLS)[number]
  /** px. Later arms are smaller, so that a marker on another one shows both. */
  readonly size: number
  readonly dash: 'solid' | 'dashed' | 'dotted' | number[]
}

/** The look that each arm of a run keeps in every chart: colour by mode, dash by which of that mode. */
export function armLooks(run: Pick<Run, 'configuration' | 'trials'>): ReadonlyMap<string, ArmLook> {
  const seen = new Map<string, number>()
  const looks = armNames(run).map((arm, at): [string, ArmLook] => {
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
