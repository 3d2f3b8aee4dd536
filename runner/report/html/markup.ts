/** HTML that may stand in a page as it is. Made by `html` and `trusted` alone. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = Markup | string | number | null | readonly Value[]

/**
 * A template whose values are escaped unless they are markup already; arrays are joined, null is nothing.
 * Good for text and for attributes in double quotes, and for nothing else: put no value in a script, a
 * style or an address.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(
    strings
      .map((part, at) => part + (at < values.length ? shown(values[at] ?? null) : ''))
      .join(''),
  )
}

/** Markup of our own making, such as a chart. Never text from outside. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

function shown(value: Value): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  return value.map(shown).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Controls and bidirectional overrides too: they could make a name read as what it is not. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (character) => (character === '\n' ? '\n' : ''))
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
