import { stringify } from 'yaml'

/** A journey that reads these paths one after another, each a step of its own name. */
export function yamlOfPaths(paths: readonly string[]): string {
  const taken = new Set<string>()
  const steps = paths.map((path) => ({ endpoint: nameOfPath(path, taken), method: 'GET', path }))
  return stringify({ name: 'paths', steps })
}

/** Longest name without the number that may stand after it. */
const MOST = 40

/** `/items/7?full=1` is `items-7-full-1`; a name that is taken gets a number. */
function nameOfPath(path: string, taken: Set<string>): string {
  const words = path.toLowerCase().match(/[a-z0-9]+/g) ?? []
  const found = words.join('-').slice(0, MOST).replace(/-$/, '')
  const name = found === '' ? 'root' : found === 'all' ? 'get-all' : found
  let free = name
  for (let number = 2; taken.has(free); number += 1) free = `${name}-${number}`
  taken.add(free)
  return free
}
