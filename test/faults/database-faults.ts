import { setTimeout as delay } from 'node:timers/promises'
import { end, pause, plugIn, resume, startAgain, unplug } from './testing/container.ts'
import { exhaustConnections } from './testing/exhaust.ts'
import { type Fault, PROBLEMS } from './testing/fault.ts'
import { answering } from './testing/stand.ts'

const OUTAGE_MS = 1_000
const PAUSE_MS = 5_000
/** Longer than a statement may take, so that what was under way runs into its time-out. */
const CUT_MS = 3_000

export const DATABASE_FAULTS: readonly Fault[] = [
  {
    name: 'the database is killed and started again',
    allowed: PROBLEMS,
    felt: ['503'],
    async strike({ stand }) {
      await end(stand.postgres, 'SIGKILL')
      await delay(OUTAGE_MS)
      await startAgain(stand.postgres)
      await answering(stand)
    },
  },
  {
    name: 'the database is paused for 5 s',
    allowed: PROBLEMS,
    felt: PROBLEMS,
    async strike({ stand }) {
      await pause(stand.postgres)
      await delay(PAUSE_MS)
      await resume(stand.postgres)
      await answering(stand)
    },
  },
  {
    name: 'the database’s network is cut',
    allowed: PROBLEMS,
    felt: PROBLEMS,
    async strike({ stand }) {
      await unplug(stand.postgres, stand.network.getName())
      await delay(CUT_MS)
      await plugIn(stand.postgres, stand.network.getName(), 'db')
      await answering(stand)
    },
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
