import { openedForEach } from '../edges.ts'
import { check } from './check.ts'

/** Is what was measured what was to be measured, and all of it? */
export const SETUP = [
  check({
    id: 'app-idle',
    bounds: {
      /**
       * Reading a request and writing the answer are two system calls and TCP both ways, some 20 us in the kernel
       * before any code of the app runs; Nginx, which only passes a request on, takes 50. Less means that another
       * process answered.
       */
      usPerRequest: 20,
      /**
       * By which the CPU of a process may be read too low, where a run does not say by how much: its user and its
       * system time are whole ticks of 10 ms each.
       */
      missedUs: 20_000,
    },
    blames: 'setup',
    transient: false,
    sentence: ({ usPerRequest }) =>
      `the app uses less than ${usPerRequest} µs of CPU for each request, whatever its clock may have missed: another service answered`,
    unread: ({ cpu: { app } }) =>
      (app?.usPerRequest ?? null) === null ? "the app's CPU is unknown" : null,
    judge({ cpu: { app }, outcomes: { sent } }, { usPerRequest: bound, missedUs }) {
      const figure = app?.usPerRequest ?? null
      if (figure === null || sent === 0) return null
      // With all that its clock may have missed: then it is certain, of however few requests.
      const most = figure + (app?.usMayMiss ?? missedUs / sent)
      if (most >= bound) return null
      const text = `the app used ${figure.toFixed(1)} us of CPU a request: another process answered`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'figures',
    bounds: {},
    blames: 'setup',
    transient: false,
    sentence: () => 'a figure is missing that the rest of the run has',
    judge: 'as-measured',
  }),
  check({
    id: 'limits',
    bounds: {},
    blames: 'setup',
    transient: false,
    sentence: () =>
      'the CPU or memory limit of a part is another than was set, or was read as its trial began',
    // Limits are absent where the testbed reads none.
    unread: (_, { limits }) =>
      limits === undefined || (limits.app && limits.db) ? null : 'not read',
    judge: 'as-measured',
  }),
  check({
    id: 'trial',
    bounds: {},
    blames: 'setup',
    transient: false,
    sentence: () =>
      'its trial was aborted for what it is (another service or process answered, the contract, the audit), or it broke off before the same process was proved again',
    judge: 'of-trial',
  }),
  check({
    id: 'settings',
    bounds: {},
    blames: 'setup',
    transient: false,
    sentence: () =>
      'the service does not confirm the level of its arm, or was given something else than in an earlier trial',
    judge: 'as-measured',
  }),
  check({
    id: 'connections',
    bounds: {
      /** New connections for each request: of a mode that keeps them, and of one that does not. */
      kept: 0.05,
      perRequest: { low: 0.9, high: 1.1 },
      /** A pool that fills in a short window is no connection per request. */
      keptInAll: 20,
    },
    blames: 'setup',
    transient: true,
    sentence: ({ kept, perRequest: { low, high }, keptInAll }) =>
      `\`per-request\`: new database connections per request are not between ${low} and ${high}, by more than a queue that drains or grows and chance at the window’s edges explain; other modes: they are more than ${kept}, and more than ${keptInAll} in all`,
    unread({ connectionsPerRequest }, { mode }) {
      if (connectionsPerRequest === null) return 'the database could not count them'
      return mode === null ? 'the arm promises no mode' : null
    },
    judge(stage, { kept, perRequest, keptInAll }, { mode }) {
      const {
        connectionsPerRequest: figure,
        outcomes: { sent },
      } = stage
      if (figure === null || mode === null) return null
      const [least, most] = openedForEach(stage)
      const [low, high] =
        mode === 'per-request'
          ? [perRequest.low - 1 + least, perRequest.high - 1 + most]
          : [0, Math.max(kept, keptInAll / Math.max(1, sent))]
      if (figure >= low && figure <= high) return null
      const bound = figure < low ? low : high
      const text = `${figure.toFixed(3)} new database connections a request contradict ${mode}`
      return { figure, bound, text }
    },
  }),
]
