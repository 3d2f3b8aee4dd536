import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

export type Followed = Readonly<{
  child: ChildProcess
  /** All that it wrote, to either stream. */
  said(): string
  /** Waits until it has written this; fails if it ends before. */
  until(pattern: RegExp): Promise<void>
  /** Exit code; waits for it. */
  ended(): Promise<number | null>
}>

/** Follows what a process writes and how it ends. */
export function follow(child: ChildProcess): Followed {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
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
