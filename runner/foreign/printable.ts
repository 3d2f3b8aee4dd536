import { stripVTControlCharacters } from 'node:util'
import { withoutCredentials } from './address.ts'

/**
 * The one way out for text that the kit did not write itself: what a service answers, what a process
 * writes, names and sentences of a run.json. Whatever shows it (terminal, CSV, Markdown, HTML, SVG)
 * passes it through here first and then quotes for its own form.
 *
 * Removed: escape sequences of a terminal, control characters (C0 and C1), marks that turn the reading
 * direction or take no room (Cf), halves of surrogate pairs and private use; and the passwords of addresses.
 * A line break stays.
 */
export function printable(text: string): string {
  return withoutCredentials(stripVTControlCharacters(text))
    .replaceAll(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .replaceAll(UNSHOWN, (character) => (character === '\n' ? '\n' : ''))
}

const UNSHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu

/** The same on one line, so that it cannot pass for a line of the kit's own. */
export function printableLine(text: string): string {
  return printable(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
}
