/**
 * The service has fewer than a dozen statements. The bound guards against one that is built from its
 * input: each name costs memory in every connection, at both ends, for as long as it lives.
 */
const NAMES_MAX = 64

const names = new Map<string, string>()

/** The name under which a connection prepares this statement once; `undefined` beyond the bound. */
export function statementName(text: string): string | undefined {
  const known = names.get(text)
  if (known !== undefined || names.size >= NAMES_MAX) return known
  const name = `s${names.size + 1}`
  names.set(text, name)
  return name
}
