import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { follow, type Followed } from './followed.ts'

const MAIN = fileURLToPath(new URL('../../../runner/main.ts', import.meta.url))

/** A run of the runner as a process, whose temporary files are all in `folder`: what stays can be seen. */
export function startRun(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Followed {
  return follow(
    spawn(process.execPath, [MAIN, ...args], {
      env: { ...process.env, TMPDIR: folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
}

/** What the runner left in its temporary folder, after the guard had its time to clear up. */
export async function leftBehind(folder: string): Promise<string[]> {
  const look = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith('samehost-'))
  for (let looks = 0; looks < 200 && (await look()).length > 0; looks += 1) await delay(50)
  return await look()
}
