/** What a cell says beyond its text: shown as colour where there is any, always as a word or mark too. */
export type Tone = 'good' | 'bad' | 'muted' | 'strong'

export interface Cell {
  readonly text: string
  readonly tone?: Tone
}

export interface Column {
  readonly head: string
  /** Unit under the head. */
  readonly unit?: string
  /** Prose wraps and reads from the left; figures line up on the right. */
  readonly kind: 'figure' | 'name' | 'prose'
}

/** A table before it has a form: the terminal, Markdown and HTML each give it theirs. */
export interface Sheet {
  readonly title: string
  /** Where it was measured, and what each mark means. */
  readonly notes: readonly string[]
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
}

export const cell = (text: string, tone?: Tone): Cell => (tone ? { text, tone } : { text })
