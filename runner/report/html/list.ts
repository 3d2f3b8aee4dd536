import { html, type Markup } from './markup.ts'

/** Sentences as a list; nothing without any. */
export function list(sentences: readonly string[]): Markup | null {
  if (sentences.length === 0) return null
  return html`<ul class="plain">
    ${sentences.map((text) => html`<li>${text}</li>`)}
  </ul>`
}
