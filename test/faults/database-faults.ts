import { setTimeout as delay } from 'node:timers/promises'
import { end, pause, plugIn, resume, startAgain, unplug } from './testing/container.ts'
import { exhaustConnections } from './testing/exhaust.ts'
import { type Fault, PROBLEMS } from './testing/fault.ts'
import { answering, type Stand } from './testing/stand.ts'

const OUTAGE_MS = 1_000
const PAUSE_MS = 5_000
/** Longer than a statement may take, so that what was under way runs into its time-out. */
const CUT_MS = 3_000

export const DATABASE_FAULTS: readonly Fault[] = [
  {
    name: 'the database is killed and started again',
    allowed: PROBLEMS,
    felt: ['503'],
    strike: outage(
      OUTAGE_MS,
      ({ postgres }) => end(postgres, 'SIGKILL'),
      ({ postgres }) => startAgain(postgres),
    ),
  },
  {
    name: 'the database is paused for 5 s',
    allowed: PROBLEMS,
    felt: PROBLEMS,
    strike: outage(
      PAUSE_MS,
      ({ postgres }) => pause(postgres),
      ({ postgres }) => resume(postgres),
    ),
  },
  {
    name: 'the database’s network is cut',
    allowed: PROBLEMS,
    felt: PROBLEMS,
    strike: outage(
      CUT_MS,
      ({ postgres, network }) => unplug(postgres, network.getName()),
      ({ postgres, network }) => plugIn(postgres, network.getName(), 'db'),
    ),
  },
  {
    name: 'the database’s connections are exhausted',
    allowed: PROBLEMS,
    felt: ['503'],
    async strike({ stand }) {
      const { url, adminUrl } = await stand.database()
      await exhaustConnections(url, adminUrl, OUTAGE_MS)
    },
  },
  {
    name: 'the database is dropped and made anew',
    allowed: [...PROBLEMS, '404'],
    felt: ['503'],
    dropsOrders: true,
    async strike({ stand }) {
      await (await stand.database()).createAnew()
    },
  },
]

/** Takes the database away, gives it back after `forMs`, and waits until it answers. */
function outage(
  forMs: number,
  begin: (stand: Stand) => Promise<unknown>,
  finish: (stand: Stand) => Promise<unknown>,
): Fault['strike'] {
  return async ({ stand }) => {
    await begin(stand)
    await delay(forMs)
    await finish(stand)
    await answering(stand)
  }
}
