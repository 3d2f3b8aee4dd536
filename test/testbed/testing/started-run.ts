import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../../runner/main.ts', import.meta.url))

export type StartedRun = Readonly<{
  child: ChildProcess
  /** All that it wrote, to either stream. */
  said(): string
  /** Waits until it has written this; fails if it ends before. */
  until(pattern: RegExp): Promise<void>
  /** Exit code; waits for it. */
  ended(): Promise<number | null>
}>

/** A run of the runner as a process, whose temporary files are all in `folder`: what stays can be seen. */
export function startRun(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): StartedRun {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, TMPDIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  }
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve))
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    child,
    said: () => text,
    async until(pattern) {
      for (let look = 0; look < 1_200 && !pattern.test(text) && !isOver(); look += 1)
        await delay(50)
      assert.match(text, pattern)
    },
    ended: () => exit,
  }
}

/** What the runner left in its temporary folder, after the guard had its time to clear up. */
export async function leftBehind(folder: string): Promise<string[]> {
  const look = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith('samehost-'))
  for (let looks = 0; looks < 200 && (await look()).length > 0; looks += 1) await delay(50)
  return await look()
}
