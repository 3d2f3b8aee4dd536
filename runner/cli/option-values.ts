import { parseTarget, shownAddress } from '../foreign/address.ts'
import { faultOfName } from '../measurement/text.ts'
import type { Study } from '../measurement/study.ts'
import { type HostsRequest, parseHosts } from '../plan/hosts.ts'
import { parseDurationMs } from '../plan/plan.ts'
import { isRunning } from '../testbed/remote/parts.ts'

export type Range = Readonly<{ min: number; max: number }>

/** Gathers faults, so that all of them are reported at once, each once. */
export class Faults {
  readonly all: string[] = []

  add(fault: string): undefined {
    if (!this.all.includes(fault)) this.all.push(fault)
  }
}

export type Target = Readonly<{ name: string; url: string }>

/** A share such as `5%`. */
export function share(
  faults: Faults,
  option: string,
  text: string | undefined,
): number | undefined {
  if (text === undefined) return undefined
  const percent = Number(/^(\d+(?:\.\d+)?)\s?%$/.exec(text)?.[1] ?? Number.NaN)
  if (percent >= 0.1 && percent <= 100) return percent / 100
  return faults.add(`${option} ${text}: a share from 0.1% to 100% is needed, such as 5%.`)
}

export function hostsRequest(
  faults: Faults,
  text: string | undefined,
  cores: number,
  study: Study | null,
): HostsRequest | null {
  if (text === undefined) return null
  const request = parseHosts(text, cores, study)
  if (typeof request !== 'string') return request
  faults.add(request)
  return null
}

export function readTargets(faults: Faults, value: unknown): Target[] {
  const list = Array.isArray(value) ? value : []
  const targets = list.flatMap((item: unknown) => {
    const [, name, url] = /^([a-z0-9][a-z0-9-]*)=(.+)$/.exec(String(item)) ?? []
    const long = name === undefined ? null : faultOfName(name)
    if (long !== null) {
      faults.add(`--target: ${long}.`)
      return []
    }
    const parsed =
      url === undefined
        ? { fault: 'write NAME=http://HOST:PORT, the name in a-z, 0-9 and -' }
        : parseTarget(url)
    if (name !== undefined && 'url' in parsed) return [{ name, url: parsed.url }]
    if ('fault' in parsed) {
      faults.add(`--target ${shownAddress(String(item))}: ${named(parsed.fault, name)}.`)
    }
    return []
  })
  if (new Set(targets.map((target) => target.name)).size < targets.length) {
    faults.add('--target: two targets have the same name.')
  }
  return targets
}

/** The remedy as it is typed. */
const named = (fault: string, name = 'NAME'): string =>
  fault.replace('write http', () => `write ${name}=http`)

export function readPaths(faults: Faults, value: unknown): string[] {
  const paths = Array.isArray(value) ? value.map(String) : []
  for (const path of paths) {
    if (!/^\/[!-~]*$/.test(path))
      faults.add(`--get ${path}: a path begins with /, and is of ASCII without spaces, as /items.`)
    else if (/[{}]/.test(path))
      faults.add(`--get ${path}: no value is put into a path. Write one, or give a --journey.`)
  }
  if (paths.length > MOST_STEPS) faults.add(`--get: ${MOST_STEPS} paths at most.`)
  return paths
}

/** Of a journey. */
const MOST_STEPS = 100

export function readPid(faults: Faults, text: string | undefined): number | null {
  const pid = integer(faults, '--pid', text, { min: 1, max: 2 ** 31 - 1 }) ?? null
  if (pid !== null && !isRunning(pid))
    faults.add(`--pid ${pid}: there is no such process here. \`pgrep -af WORD\` finds it.`)
  return pid
}

/** Parts of the testbed that are no target. */
const OTHER_PARTS = ['db', 'nginx']

export function readStats(faults: Faults, value: unknown, targets: readonly Target[]): Target[] {
  const list = Array.isArray(value) ? value : []
  const known = [...targets.map(({ name }) => name), ...OTHER_PARTS]
  const stats = list.flatMap((item: unknown) => {
    const [, name = '', text = ''] = /^([^=]+)=(.+)$/.exec(String(item)) ?? []
    const parsed = parseTarget(text)
    const url = 'url' in parsed ? parsed.url : null
    if (url === null || !/^\/[\w.-]+$/.test(new URL(url).pathname)) {
      faults.add(
        `--stats ${String(item)}: write NAME=http://HOST:9323/CONTAINER (see window.yaml).`,
      )
      return []
    }
    if (!known.includes(name)) {
      faults.add(`--stats ${name}: there is no such target. There is ${known.join(', ')}.`)
    }
    return [{ name, url }]
  })
  if (new Set(stats.map(({ name }) => name)).size < stats.length) {
    faults.add('--stats: two of them have the same name.')
  }
  return stats
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
  const [fault] = list.map(faultOfName).filter((each) => each !== null)
  if (fault !== undefined) return faults.add(`${option} ${text}: ${fault}.`)
  if (new Set(list).size < list.length) return faults.add(`${option} ${text}: a name stands twice.`)
  return list
}

/** The options that change what is printed of a run. */
export const PRINTS = ['verbose', 'quiet', 'json'] as const

/** `brief`: the answer and the ramp; `quiet`: the last line alone; `json`: nothing but JSON on standard output. */
export type Print = 'brief' | (typeof PRINTS)[number]

/** @param asked those of PRINTS that were given */
export function printOf(asked: readonly (typeof PRINTS)[number][], faults: Faults): Print {
  if (asked.length > 1)
    faults.add(`${asked.map((name) => `--${name}`).join(' and ')} exclude each other. Give one.`)
  return asked[0] ?? 'brief'
}
