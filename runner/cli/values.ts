import { parseDurationMs } from '../plan/duration.ts'

export type Range = Readonly<{ min: number; max: number }>

/** Gathers faults, so that all of them are told at once. */
export class Faults {
  readonly all: string[] = []

  add(fault: string): undefined {
    this.all.push(fault)
  }
}

export function integer(
  faults: Faults,
  option: string,
  text: string | undefined,
  { min, max }: Range,
): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= max) return value
  return faults.add(`${option} ${text}: a whole number from ${min} to ${max} is needed.`)
}

/** A rising list such as 40,50,60,70: the ramp only ever adds users. */
export function integers(
  faults: Faults,
  option: string,
  text: string | undefined,
  range: Range,
): number[] | undefined {
  if (text === undefined) return undefined
  const values = text.split(',').map((item) => integer(faults, option, item.trim(), range))
  const rising = values.every((value, at) => at === 0 || (value ?? 0) > (values[at - 1] ?? 0))
  if (!values.includes(undefined) && !rising) {
    faults.add(`${option} ${text}: the numbers must rise, such as 40,50,60,70.`)
  }
  return values.filter((value) => value !== undefined)
}

export function durationMs(
  faults: Faults,
  option: string,
  text: string | undefined,
  least: number,
): number | undefined {
  if (text === undefined) return undefined
  const value = parseDurationMs(text)
  if (value === null) {
    return faults.add(`${option} ${text}: a duration needs its unit: 500ms, 15s, 5m.`)
  }
  if (value < least) return faults.add(`${option} ${text}: at least ${least}ms is needed.`)
  if (value > 24 * 3_600_000) return faults.add(`${option} ${text}: at most a day.`)
  return value
}

/** `500ms`, or a range such as `0ms..1s` to draw from uniformly. */
export function thinkRange(
  faults: Faults,
  option: string,
  text: string | undefined,
): Range | undefined {
  if (text === undefined) return undefined
  const [first = '', second = first, ...more] = text.split('..')
  const min = durationMs(faults, option, first, 0)
  const max = durationMs(faults, option, second, 0)
  if (min === undefined || max === undefined) return undefined
  if (max < min || more.length > 0) {
    return faults.add(`${option} ${text}: a range rises, such as 0ms..1s.`)
  }
  return { min, max }
}

export function names(
  faults: Faults,
  option: string,
  text: string | undefined,
): string[] | undefined {
  if (text === undefined) return undefined
  const list = text.split(',').map((item) => item.trim())
  const bad = list.filter((item) => !/^[a-z0-9][a-z0-9-]*$/.test(item))
  if (bad.length > 0) return faults.add(`${option} ${text}: names are of a-z, 0-9 and -.`)
  if (new Set(list).size < list.length) return faults.add(`${option} ${text}: a name stands twice.`)
  return list
}

/** The URL without a slash at its end; null if it is not one of http or https. */
export function httpUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  return url.href.replace(/\/$/, '')
}
