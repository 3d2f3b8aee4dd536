import Papa from 'papaparse'
import { printable } from '../foreign/printable.ts'

export type CsvValue = string | number | boolean | null | undefined

/** What a spreadsheet takes for a formula (OWASP, CSV Injection), full-width signs included. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/u

/**
 * Rows under a head, as RFC 4180 says. Text that a spreadsheet would calculate gets an apostrophe before it;
 * numbers stay numbers, the negative ones too. An empty field is an unknown figure.
 */
export function csvText(
  head: readonly string[],
  rows: readonly (readonly CsvValue[])[],
  newline: '\r\n' | '\n' = '\r\n',
): string {
  const shown = rows.map((row) =>
    row.map((value) => (typeof value === 'string' ? printable(value) : value)),
  )
  const data = { fields: [...head], data: shown }
  return Papa.unparse(data, { newline, escapeFormulae: FORMULA }) + newline
}

/** @returns the rows under the head, by its names; fields are as they were written, quotes taken off */
export function csvRows(text: string): Readonly<Record<string, string>>[] {
  return Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true }).data
}
