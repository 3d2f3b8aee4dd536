import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const KIT = fileURLToPath(new URL('../../', import.meta.url))

export type Outcome = Readonly<{ code: number; stdout: string; stderr: string }>

const run = promisify(execFile)

/** Runs `docker` in the kit's folder, as a user would; never throws for its exit code. */
export async function docker(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  try {
    const options = { cwd: KIT, env: { ...process.env, ...env }, maxBuffer: 64e6 }
    const { stdout, stderr } = await run('docker', [...args], options)
    return { code: 0, stdout, stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Partial<Outcome>
    if (typeof code !== 'number') throw error
    return { code, stdout, stderr }
  }
}
