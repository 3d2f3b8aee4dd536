import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Option, RUN_OPTIONS, shellQuoted } from '../plan/options.ts'

/** What npm does to a runner that `npm run bench` started; nothing of it holds for one started otherwise. */

const isBench = (env: NodeJS.ProcessEnv): boolean => env['npm_lifecycle_event'] === 'bench'

/**
 * npm starts a script in the folder of its package, wherever it was called (`npm --prefix`); a relative path
 * is meant from there.
 */
export function goWhereNpmWasCalled(env: NodeJS.ProcessEnv): void {
  const { INIT_CWD: folder } = env
  if (!isBench(env) || !folder) return
  try {
    process.chdir(folder)
  } catch {
    // The folder is gone, or closed to this user: paths are then from the package's folder.
  }
}

/**
 * npm takes an option before `--` for its own, and hands it on as a variable alone: the run would be another
 * than was asked for, without a word.
 *
 * @param args that did arrive
 * @param read text of a file; empty where there is none
 * @returns the command as it must be typed; null where npm took nothing
 */
export function takenByNpm(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  read = textOrEmpty,
): string | null {
  if (!isBench(env)) return null
  const files = npmFiles(env).map(read).join('\n')
  const all: readonly Option[] = RUN_OPTIONS
  const taken = all.flatMap((option) => {
    const value = env[`npm_config_${option.name.replaceAll('-', '_')}`]
    // Builds of other programs use `npm_config_target` for a version.
    const isOther = option.name === 'target' && value !== 'true' && !value?.includes('=')
    return value === undefined || isOther || isKeyIn(files, option.name) ? [] : [{ option, value }]
  })
  if (taken.length === 0) return null
  // `--users 5,10` arrives as a switch and, behind it, as a word that belongs to nothing.
  const lacking = taken.filter(({ option, value }) => option.value !== null && value === 'true')
  const [word] = lacking.length === 1 && args.length === 1 ? args : []
  const words = taken.flatMap(({ option: { name, value: placeholder }, value }) => {
    if (value === '') return [`--no-${name}`]
    if (placeholder === null) return [`--${name}`]
    return [`--${name}`, value === 'true' ? (word ?? placeholder) : value]
  })
  const rest = lacking.length > 0 ? args.filter((arg) => arg.startsWith('-')) : args
  const names = taken.map(({ option }) => `--${option.name}`).join(', ')
  return (
    `npm took ${names} for itself: options of the runner stand behind \`--\`, as in ` +
    `\`npm run bench -- ${[...words, ...rest].map(shellQuoted).join(' ')}\`.`
  )
}

/** npm's own settings, which it hands on like options: `timeout=60000` in a file of npm is no option of this run. */
const npmFiles = (env: NodeJS.ProcessEnv): string[] => {
  const { npm_config_userconfig, npm_config_globalconfig, npm_config_local_prefix } = env
  const own = npm_config_local_prefix && join(npm_config_local_prefix, '.npmrc')
  return [npm_config_userconfig, npm_config_globalconfig, own].flatMap((path) => path || [])
}

const isKeyIn = (files: string, name: string): boolean =>
  files.split('\n').some((line) => line.split('=', 1)[0]?.trim() === name)

function textOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** ms. Ctrl-C sends a signal to the whole group, and npm sends its own copy to the runner at once. */
const COPY_WITHIN_MS = 1_000

/** Is a second signal npm's copy of the first, by the ms between them? */
export const isCopyByNpm = (afterMs: number, env: NodeJS.ProcessEnv): boolean =>
  isBench(env) && afterMs < COPY_WITHIN_MS

const LOOK_EVERY_MS = 1_000

/**
 * Without npm nobody waits for this process, and no key reaches it: where npm is killed, the runner ends as
 * if its terminal were gone. npm itself sends on SIGINT and SIGTERM.
 */
export function endWithNpm(env: NodeJS.ProcessEnv): void {
  if (!isBench(env)) return
  const npm = process.ppid
  const looking = setInterval(() => {
    if (process.ppid === npm) return
    clearInterval(looking)
    process.kill(process.pid, 'SIGHUP')
  }, LOOK_EVERY_MS)
  looking.unref()
}
