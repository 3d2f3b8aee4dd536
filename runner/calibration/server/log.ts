import { type Fault, FAULTS, type ServerLog } from './protocol.ts'

/** Collects what the server knows of its requests. */
export function createLog() {
  let arrivedAtMs: number[] = []
  let serviceMs: number[] = []
  let gapMs: number[] = []
  let received: Record<string, number> = {}
  let injected = noneInjected()

  return {
    received: (endpoint: string): void => {
      received[endpoint] = (received[endpoint] ?? 0) + 1
    },
    injected: (fault: Fault): void => {
      injected[fault] += 1
    },
    answered(arrivedMs: number, servedMs: number, sinceLastMs: number): void {
      arrivedAtMs.push(arrivedMs)
      serviceMs.push(servedMs)
      gapMs.push(sinceLastMs)
    },
    /** What was collected; begins again. */
    take(): ServerLog {
      const log = {
        arrivedAtMs: Float64Array.from(arrivedAtMs),
        serviceMs: Float64Array.from(serviceMs),
        gapMs: Float64Array.from(gapMs),
        received,
        injected,
      }
      arrivedAtMs = []
      serviceMs = []
      gapMs = []
      received = {}
      injected = noneInjected()
      return log
    },
  }
}

const noneInjected = (): Record<Fault, number> => ({
  FIN: 0,
  RST: 0,
  'Connection: close': 0,
  hang: 0,
  '503': 0,
  '500': 0,
  'broken body': 0,
  garbage: 0,
})

/** Faults in turn, at every `every`-th request. */
export function createInjector() {
  let every = 0
  let requests = 0
  let next = 0
  return {
    set(given: number): void {
      every = given
      requests = 0
    },
    /** The fault that this request meets. */
    draw(): Fault | undefined {
      if (every === 0) return undefined
      requests += 1
      if (requests % every !== 0) return undefined
      next += 1
      return FAULTS[(next - 1) % FAULTS.length]
    },
  }
}
