const ASCII: Readonly<Record<string, string>> = {
  '–': '-',
  '—': '-',
  '−': '-',
  '·': '-',
  '×': 'x',
  '▲': '^',
  '✓': '+',
  '✗': 'x',
  µ: 'u',
  μ: 'u',
  σ: 'sigma',
  κ: 'kappa',
  λ: 'lambda',
  '²': '2',
  '≥': '>=',
  '≤': '<=',
  '≈': '~',
  '→': '->',
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '…': '...',
  '─': '-',
  '\u00a0': ' ',
  '\u202f': ' ',
}

// Names and error texts come from outside: an escape sequence in one would drive the terminal.
const CONTROL = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu

/** Text that a terminal shows as it stands: no control characters, ASCII alone where asked for. */
export function glyphs(text: string, unicode: boolean): string {
  const safe = text.replace(CONTROL, (character) => (character === '\n' ? '\n' : ''))
  if (unicode) return safe
  return safe.replace(/[^\n -~]/gu, (character) => ASCII[character] ?? '?')
}
