/** Plain text with nothing in it that Markdown or HTML would act on, on one line. */
export function prose(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]{}|#~!]/g, (character) => `\\${character}`)
}
