import { check, percent, roundPercent } from './check.ts'

/** Did the load generator measure itself, or what else runs on its machine? */
export const RUNNER = [
  check({
    id: 'client-cpu',
    /** Above it the client waits for itself. */
    bounds: { cores: 0.8 },
    blames: 'runner',
    transient: false,
    sentence: ({ cores }) =>
      `the runner (or one of its loaders) uses more than ${roundPercent(cores)} of a core`,
    judge({ client: { cpuCores, loaders } }, { cores: bound }) {
      // Each event loop has a core at most, however many there are.
      const figure = Math.max(...(loaders?.map((loader) => loader.cpuCores) ?? [cpuCores]))
      if (figure <= bound) return null
      const who = loaders === undefined ? 'the runner' : `one of ${loaders.length} loaders`
      const text = `${who} used ${percent(figure)} of a core: it measured itself`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'client-event-loop',
    /**
     * Over the idle event loop's p99; the share of the mean latency where that is more. One stall is within no p99:
     * it may take as long as `stall` lets a user lose, or that share of a long window.
     */
    bounds: { lateMs: 5, ofMean: 0.1, onceMs: 400, ofWindow: 0.03 },
    blames: 'runner',
    transient: true,
    sentence: ({ lateMs, ofMean, onceMs }) =>
      `the p99 of the runner’s event-loop delay is ${lateMs} ms (or ${roundPercent(ofMean)} of the mean response time, if that is more) over its idle p99, or it stood still once for more than ${onceMs} ms`,
    judge({ client, holdS, all: { meanMs } }, { lateMs, ofMean, onceMs, ofWindow }) {
      const stillMs = client.eventLoopDelayMaxMs ?? 0
      const onceBound = Math.max(onceMs, ofWindow * holdS * 1000)
      if (stillMs > onceBound) {
        const text = `the runner's event loop stood still for ${(stillMs / 1000).toFixed(1)} s`
        return { figure: stillMs, bound: onceBound, text }
      }
      const figure = client.eventLoopDelayP99Ms - client.eventLoopDelayIdleP99Ms
      const bound = Math.max(lateMs, ofMean * (meanMs ?? 0))
      if (figure <= bound) return null
      const text = `the runner's event loop ran ${figure.toFixed(1)} ms late (p99 over its idle state)`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'loader-edges',
    /** By how much the windows of loaders may lie apart at either edge. */
    bounds: { ofWindow: 0.01 },
    blames: 'runner',
    transient: false,
    sentence: ({ ofWindow }) =>
      `the windows of the processes that share the users lie apart by more than ${roundPercent(ofWindow)} of their length`,
    judge({ client: { loaders = [] }, holdS }, { ofWindow: bound }) {
      const edgesS = [
        loaders.map(({ openedAfterMs }) => openedAfterMs / 1000),
        loaders.map(({ openedAfterMs, windowS }) => openedAfterMs / 1000 + windowS),
      ]
      const figure = Math.max(0, ...edgesS.map((at) => Math.max(...at) - Math.min(...at))) / holdS
      if (figure <= bound) return null
      const text = `the loaders' windows lay apart by ${percent(figure)} of their length`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'stolen',
    /** Above it the figures are those of its neighbours too. */
    bounds: { ofCpuTime: 0.05 },
    blames: 'machine',
    transient: true,
    sentence: ({ ofCpuTime }) =>
      `the host of a virtual machine gives more than ${roundPercent(ofCpuTime)} of its CPU time to others`,
    judge({ stolenRatio: figure }, { ofCpuTime: bound }) {
      if (figure === undefined || figure === null || figure <= bound) return null
      const text = `the host of this virtual machine gave ${percent(figure)} of its CPU time to others`
      return { figure, bound, text }
    },
  }),
]
