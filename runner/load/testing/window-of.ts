import { createRecorder, type Recorder } from '../recorder.ts'
import type { WindowRecord } from '../window.ts'

/** A window of `lengthS` seconds that holds what `fill` records. */
export function windowOf(lengthS: number, fill: (recorder: Recorder) => void): WindowRecord {
  const recorder = createRecorder(0)
  fill(recorder)
  return {
    startedAt: '2026-01-01T00:00:00.000Z',
    openedAtMs: 0,
    lengthS,
    timeoutMs: 10_000,
    ...recorder.contents(),
    cpuS: 0.5,
    eventLoopDelayP99Ms: 2,
    strays: 0,
  }
}
