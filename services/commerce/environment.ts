/** The variables of the process, and what was wrong with them: all of it is reported at once. */
export type Environment = Readonly<{
  text(name: string): string | undefined
  integer(name: string, absent: number, range: Range): number
  durationMs(name: string, absent: string, range: Readonly<{ min: string; max: string }>): number
  choice<T extends string>(name: string, absent: T, choices: readonly T[]): T
  fault(message: string): void
  /**
   * Reports every variable with this prefix that nothing asked for so far: a typo would change nothing.
   *
   * @param also known, though asked for only where others are absent
   */
  refuseOthers(prefix: string, also: readonly string[]): void
  faults: readonly string[]
}>

type Range = Readonly<{ min: number; max: number }>

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 }

/** `250ms`, `5s`, `1.5m` in milliseconds; NaN if it is none. */
function parseDurationMs(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? []
  return Math.round(Number(amount) * (UNIT_MS[unit] ?? NaN))
}

/** An empty variable counts as absent: Compose passes `${NAME:-}` so. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const faults: string[] = []
  const fault = (message: string): void => void faults.push(message)
  const known = new Set<string>()
  const text = (name: string): string | undefined => {
    known.add(name)
    return env[name]?.trim() || undefined
  }

  return {
    text,
    fault,
    faults,
    refuseOthers(prefix, also) {
      const names = [...new Set([...known, ...also])].filter((name) => name.startsWith(prefix))
      for (const name of Object.keys(env).filter((each) => each.startsWith(prefix))) {
        if (names.includes(name)) continue
        fault(`${name} is no variable of this service: give one of ${names.toSorted().join(', ')}`)
      }
    },
    integer(name, absent, { min, max }) {
      const given = text(name)
      if (given === undefined) return absent
      const value = /^\d+$/.test(given) ? Number(given) : NaN
      if (min <= value && value <= max) return value
      fault(`${name}=${given}: give an integer from ${min} to ${max}, such as ${absent}`)
      return absent
    },
    durationMs(name, absent, { min, max }) {
      const given = text(name) ?? absent
      const value = parseDurationMs(given)
      if (parseDurationMs(min) <= value && value <= parseDurationMs(max)) return value
      fault(`${name}=${given}: give a duration from ${min} to ${max}, such as ${absent}`)
      return NaN
    },
    choice(name, absent, choices) {
      const given = text(name) ?? absent
      const found = choices.find((choice) => choice === given)
      if (found === undefined) fault(`${name}=${given}: give one of ${choices.join(', ')}`)
      return found ?? absent
    },
  }
}

/** The text of the file that a variable names, without its last end of line; undefined where it names none. */
export function fileText(
  env: Environment,
  name: string,
  readFile: (path: string) => string,
): string | undefined {
  const path = env.text(name)
  if (path === undefined) return undefined
  try {
    return readFile(path).replace(/\r?\n$/, '')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    env.fault(`${name}=${path}: give a file that can be read (${reason})`)
    return undefined
  }
}
