import type { Arm } from './arms.ts'
import type { WrittenLimits } from './compose-files.ts'
import { CPU_PERIOD_US } from './hosts.ts'

/** What an arm may use, where its entry says it in figures. */
export type ArmLimits = Readonly<{
  cpu?: Readonly<{ cores: number; periodUs: number }>
  memoryBytes?: number
  pids?: number
}>

/** Compose's own words for what a container may use, by the limit that each sets. */
export const LIMIT_NAMES = { cpus: 'cpu', mem_limit: 'memoryBytes', pids_limit: 'pids' } as const
export type LimitName = keyof typeof LIMIT_NAMES

/** @param written of an entry of compose.yaml; what Compose fills in is no figure, and left out */
export function limitsOf(written: WrittenLimits): ArmLimits {
  const figure = (name: keyof WrittenLimits): number => Number(written[name] ?? 0)
  const periodUs = figure('cpu_period') || CPU_PERIOD_US
  const cores = figure('cpus') || figure('cpu_quota') / periodUs
  const memoryBytes = bytesOf(String(written.mem_limit ?? ''))
  const pids = figure('pids_limit')
  return {
    ...(cores > 0 ? { cpu: { cores, periodUs } } : {}),
    ...(memoryBytes > 0 ? { memoryBytes } : {}),
    ...(pids > 0 ? { pids } : {}),
  }
}

/** `512m` in bytes, by Compose's units of 1,024; NaN for what is none. */
function bytesOf(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([bkmg]?)b?$/i.exec(text) ?? []
  return Math.floor(Number(amount) * 1024 ** Math.max(0, 'bkmg'.indexOf(unit.toLowerCase() || 'b')))
}

/** What makes an arm the level of a factor: what it has otherwise than the arm that it was changed from. */
export type Changes = Readonly<{ variables: readonly string[]; limits: readonly LimitName[] }>

/** @param arms all that there are */
export function changesOf(
  { factor, environment, limits = {} }: Arm,
  arms: readonly Arm[],
): Changes {
  const from = arms.find(({ name }) => name === factor?.from)
  if (from === undefined) return { variables: [], limits: [] }
  const names = new Set([...Object.keys(environment), ...Object.keys(from.environment)])
  return {
    variables: [...names].filter(
      (name) => name !== 'ARM_NAME' && environment[name] !== from.environment[name],
    ),
    limits: (Object.keys(LIMIT_NAMES) as LimitName[]).filter((name) => {
      const limit = LIMIT_NAMES[name]
      return JSON.stringify(limits[limit]) !== JSON.stringify(from.limits?.[limit])
    }),
  }
}

/** A value as the service gets it; null where Compose fills in what only the shell that started it knows. */
function fixedValue(written: string): string | null {
  return /^(?:[^$]|\$\$)*$/.test(written) ? written.replaceAll('$$', '$') : null
}

const UNIT_MS: Readonly<Record<string, number>> = { us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5 }

/** One text for all ways to write a number or a duration, so that `10` is `010`, and `1s` is `1000ms`. */
export function canonical(written: string): string {
  const text = written.trim()
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return String(Number(text))
  if (/^(\d+(\.\d+)?(us|ms|s|m|h))+$/.test(text)) {
    const parts = [...text.matchAll(/([\d.]+)([a-z]+)/g)]
    return `${parts.reduce((sum, [, n, unit = '']) => sum + Number(n) * (UNIT_MS[unit] ?? NaN), 0)}ms`
  }
  return text
}

/** The variables of an arm that its entry gives a value. */
export function fixedVariables({ environment }: Pick<Arm, 'environment'>): Record<string, string> {
  const fixed = Object.entries(environment).flatMap(([name, written]) => {
    const value = fixedValue(written)
    return value === null ? [] : [[name, value] as const]
  })
  return Object.fromEntries(fixed)
}
