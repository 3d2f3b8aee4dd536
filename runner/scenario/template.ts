/** What a journey knows by name: the values of its scenario, and what its steps took from their answers. */
export type Values = Readonly<Record<string, unknown>>

/** A piece of a text: what stands there, or the value of a name, as it is to be written. */
type Part = string | Readonly<{ name: string; written: (value: unknown) => string }>

/** `{name}` */
const PLACE = /\{([A-Za-z][A-Za-z0-9]*)\}/
/** A text that is one place and nothing else. */
const ONE_PLACE = new RegExp(`^${PLACE.source}$`)

/** The names of all places in a template: a text, or JSON that holds texts. */
export function namesIn(template: unknown): string[] {
  if (typeof template === 'string')
    return [...template.matchAll(new RegExp(PLACE, 'g'))].map(([, name = '']) => name)
  if (typeof template !== 'object' || template === null) return []
  return Object.values(template).flatMap(namesIn)
}

/** The name of which a template is the one place; null if it is anything else. */
export const soleName = (template: unknown): string | null =>
  (typeof template === 'string' && ONE_PLACE.exec(template)?.[1]) || null

/**
 * A path with its places filled. Texts are written as one segment or one value of a query.
 *
 * @param constants values that never change: they are filled in once
 */
export const pathTemplate = (template: string, constants: Values) =>
  joined(textParts(template, pathText), constants)

/** The value of a header. What would end its line is left out. */
export const headerTemplate = (template: string, constants: Values) =>
  joined(textParts(template, headerText), constants)

/** JSON with its places filled: a text that is one place becomes the value, of whatever type. */
export const jsonTemplate = (template: unknown, constants: Values) =>
  joined(jsonParts(template), constants)

const pathText = (value: unknown): string =>
  typeof value === 'number' ? `${value}` : encodeURIComponent(String(value))

const headerText = (value: unknown): string => String(value).replaceAll(/[^\t\x20-\x7e]/g, '')

const jsonText = (value: unknown): string =>
  typeof value === 'number' ? `${value}` : (JSON.stringify(value) ?? 'null')

/** Within a text of JSON. */
const textInJson = (value: unknown): string => JSON.stringify(String(value)).slice(1, -1)

/** Texts and names in turn. */
function textParts(
  template: string,
  written: (value: unknown) => string,
  literal = (text: string): string => text,
): Part[] {
  return template
    .split(PLACE)
    .map((part, at) => (at % 2 === 0 ? literal(part) : { name: part, written }))
}

function jsonParts(template: unknown): Part[] {
  const name = soleName(template)
  if (name !== null) return [{ name, written: jsonText }]
  if (typeof template === 'string')
    return ['"', ...textParts(template, textInJson, textInJson), '"']
  if (typeof template !== 'object' || template === null) return [JSON.stringify(template)]
  const between = <T>(all: readonly T[], parts: (one: T) => Part[]): Part[] =>
    all.flatMap((one, at) => (at === 0 ? parts(one) : [',', ...parts(one)]))
  if (Array.isArray(template)) return ['[', ...between(template, jsonParts), ']']
  const members = between(Object.entries(template), ([key, value]) => [
    `${JSON.stringify(key)}:`,
    ...jsonParts(value),
  ])
  return ['{', ...members, '}']
}

/** One function that joins the parts: texts and constants are put together once, and never read again. */
function joined(parts: readonly Part[], constants: Values): (values: Values) => string {
  const texts: string[] = ['']
  const places: Exclude<Part, string>[] = []
  for (const part of parts) {
    const isPlace = typeof part !== 'string' && !Object.hasOwn(constants, part.name)
    if (isPlace) {
      places.push(part)
      texts.push('')
      continue
    }
    const text = typeof part === 'string' ? part : part.written(constants[part.name])
    texts[texts.length - 1] += text
  }
  const [first = '', second = ''] = texts
  const [place] = places
  if (place === undefined) return () => first
  const { name, written } = place
  if (places.length === 1) return (values) => first + written(values[name]) + second
  return (values) => {
    let text = first
    for (const [at, more] of places.entries()) {
      text += more.written(values[more.name]) + (texts[at + 1] ?? '')
    }
    return text
  }
}

/** JSON pointer (RFC 6901), compiled. @returns undefined where it leads to nothing */
export function pointer(path: string): (value: unknown) => unknown {
  const keys = path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  return (value) => {
    let at = value
    for (const key of keys) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined
      at = (at as Values)[key]
    }
    return at
  }
}
