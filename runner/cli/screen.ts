import type { Screen } from '../report/terminal/screen.ts'

/** What standard output can show: its width, colour unless NO_COLOR, and Unicode unless the locale is C. */
export function screenOf({ env, stdout }: Pick<NodeJS.Process, 'env' | 'stdout'>): Screen {
  return {
    columns: Number(env['COLUMNS']) || stdout.columns || 100,
    unicode: !/^(C|POSIX)$/.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''),
    colour: stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  }
}
