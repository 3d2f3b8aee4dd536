import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ScenarioError } from './parse.ts'

// A scenario may name a secret that its users share with their service, such as the one by which tokens are signed.
// Its code reads it from the environment of the process, under that name.

/** RFC 7518, section 3.2: as long as the hash. */
const SECRET_BYTES = 32

/**
 * The secret as it was given: in the variable of its name, or in the file that NAME_FILE names, which goes first.
 *
 * @returns null where neither is given
 * @throws ScenarioError where the file cannot be read, or is empty
 */
export function givenSecret(name: string, env: NodeJS.ProcessEnv): string | null {
  const file = env[`${name}_FILE`]
  if (!file) return env[name] || null
  const secret = readSecret(file, `${name}_FILE=${file}`)
  if (secret !== '') return secret
  throw new ScenarioError(`${name}_FILE=${file} is empty: give a file with the secret.`)
}

function readSecret(file: string, named: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new ScenarioError(`${named} cannot be read (${code}): give a file with the secret.`, {
      cause,
    })
  }
}

/**
 * Puts the secret where the scenario's code finds it; draws one where there is none yet. Processes that are started
 * after this inherit it.
 *
 * @param name null: the scenario has none
 */
export function shareSecret(name: string | null, given: string | null = null): void {
  if (name === null) return
  process.env[name] =
    given ?? (process.env[name] || randomBytes(SECRET_BYTES).toString('base64url'))
  // It would go first where an arm looks for the secret.
  delete process.env[`${name}_FILE`]
}
