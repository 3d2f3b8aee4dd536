import { responseMs } from '../crossing/estimate.ts'
import { edgeNoise } from '../edges.ts'
import { check, counted, percent, roundPercent } from './check.ts'

/** Do the figures account for all users, for their pauses and for their requests? */
export const ACCOUNTING = [
  check({
    id: 'requests',
    /** Below it the p99 rests on less than one request. */
    bounds: { least: 100 },
    blames: 'service',
    transient: false,
    sentence: ({ least }) => `fewer than ${least} requests succeed`,
    judge({ all: { requests: figure } }, { least: bound }) {
      if (figure >= bound) return null
      return { figure, bound, text: `${figure} requests succeeded, fewer than ${bound}` }
    },
  }),
  check({
    id: 'littles-law',
    /** More unaccounted for means lost or misattributed responses. */
    bounds: { ofUsers: 0.01 },
    blames: 'service',
    transient: true,
    sentence: ({ ofUsers }) =>
      `throughput × (response time + think time), with what the window's edges cut, differs from the users by more than ${roundPercent(ofUsers)}`,
    judge({ littlesLaw: { residual: figure, expectedUsers }, users }, { ofUsers: bound }) {
      if (Math.abs(figure) <= bound) return null
      const text = `the figures account for ${expectedUsers.toFixed(1)} of ${users} users (Little's law)`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'flow-balance',
    /**
     * By how many more or fewer requests may end in the window. Beyond it the state is not steady, and what is
     * counted for each request is that of others (job flow balance: Denning and Buzen, ACM Computing Surveys
     * 10(3), 1978).
     */
    bounds: { ofSent: 0.05 },
    blames: 'service',
    transient: true,
    sentence: ({ ofSent }) =>
      `the requests that end in the window differ by more than ${roundPercent(ofSent)} from those that are sent in it, and by more than chance explains: a queue grows or drains`,
    judge(stage, { ofSent }) {
      const {
        outcomes: { sent },
        ended,
      } = stage
      if (ended === undefined || sent === 0) return null
      const figure = ended / sent - 1
      const bound = Math.max(ofSent, edgeNoise(stage) / sent)
      if (Math.abs(figure) <= bound) return null
      const queue = figure > 0 ? 'drained' : 'grew'
      const text = `the queue ${queue}: ${ended} requests ended in the window and ${sent} were sent`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'stuck-users',
    /** The mean response time knows nothing of an answer that takes longer than the window. */
    bounds: { ofUsers: 0.01 },
    blames: 'service',
    transient: true,
    sentence: ({ ofUsers }) =>
      `more than ${roundPercent(ofUsers)} of the users wait for one answer from before the window to after it`,
    judge({ littlesLaw: { stuckUsers: figure = 0 }, users }, { ofUsers }) {
      const bound = ofUsers * users
      if (figure <= bound) return null
      const text = `${figure} of ${users} users waited for one answer during the whole window`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'think-time',
    /**
     * By which the mean may exceed what was asked for: a client that is late makes a lighter load, by the share of
     * a user's cycle that it is late. Under half a millisecond no timer is.
     */
    bounds: { lateMs: 0.5, ofCycle: 0.005 },
    blames: 'runner',
    transient: true,
    sentence: ({ lateMs, ofCycle }) =>
      `the users think longer than was asked for, by more than ${lateMs} ms and ${roundPercent(ofCycle)} of their cycle on average`,
    judge(stage, { lateMs, ofCycle }) {
      const { thinkMeanMs, thinkNominalMs, thinkOverdueMs = 0 } = stage.client
      const cycleMs = (responseMs(stage, 'mean') ?? 0) + (thinkNominalMs ?? 0)
      const bound = Math.max(lateMs, ofCycle * cycleMs)
      const ended = typeof thinkNominalMs === 'number' ? (thinkMeanMs ?? 0) - thinkNominalMs : 0
      const figure = ended + thinkOverdueMs
      if (figure <= bound) return null
      const text = `users thought ${figure.toFixed(2)} ms longer than they were asked to (mean)`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'errors',
    bounds: { ofSent: 0.01 },
    blames: 'service',
    transient: false,
    sentence: ({ ofSent }) => `more than ${roundPercent(ofSent)} of the requests fail`,
    judge({ outcomes: { failed, sent } }, { ofSent: bound }) {
      const figure = sent === 0 ? 0 : failed / sent
      if (figure <= bound) return null
      const text = `${percent(figure)} of the requests failed (${failed} of ${sent})`
      return { figure, bound, text }
    },
  }),
  check({
    id: 'in-flight',
    bounds: { most: 0 },
    blames: 'service',
    transient: false,
    sentence: () => 'a request has no end when the stage is over',
    judge({ outcomes: { inFlight: figure } }, { most: bound }) {
      if (figure <= bound) return null
      return { figure, bound, text: `${counted(figure, 'request')} never came to an end` }
    },
  }),
]
