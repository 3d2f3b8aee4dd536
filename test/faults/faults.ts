import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import {
  answering,
  end,
  exhaustConnections,
  pause,
  plugIn,
  resume,
  type Stand,
  startAgain,
  unplug,
} from './containers.ts'
import { type Fault, PROBLEMS, type Scene } from './run-fault.ts'

const OUTAGE_MS = 1_000
const PAUSE_MS = 5_000
/** Longer than a statement may take, so that what was under way runs into its time-out. */
const CUT_MS = 3_000

const DATABASE_FAULTS: readonly Fault[] = [
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
    name: 'the database is dropped and recreated',
    allowed: [...PROBLEMS, '404'],
    felt: ['503'],
    dropsOrders: true,
    async strike({ stand }) {
      await (await stand.database()).recreate()
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

const RELOADS = 3
const BETWEEN_RELOADS_MS = 300

async function start({ service, moved }: Scene): Promise<void> {
  await startAgain(service)
  await moved()
}

const SERVICE_FAULTS: readonly Fault[] = [
  {
    name: 'the service is killed (SIGKILL)',
    allowed: [...PROBLEMS, 'lost'],
    felt: ['lost'],
    endsService: true,
    async strike(scene) {
      await end(scene.service, 'SIGKILL')
      await start(scene)
    },
  },
  {
    name: 'the service is drained (SIGTERM)',
    // Refused: nothing listens between the drained process and the next.
    allowed: [...PROBLEMS, 'lost'],
    felt: ['lost'],
    endsService: true,
    answersAll: true,
    async strike(scene) {
      assert.equal(await end(scene.service, 'SIGTERM'), 0, 'all in flight was answered in time')
      await start(scene)
    },
  },
  {
    name: 'Nginx is reloaded',
    // A request that meets the closing of an idle connection (RFC 9112, 9.5); none that was taken up.
    allowed: ['lost'],
    felt: ['201'],
    answersAll: true,
    throughNginx: true,
    async strike({ frontDoor }) {
      for (let count = 0; count < RELOADS; count += 1) {
        const command = ['nginx', '-c', '/front-door/nginx.conf', '-s', 'reload']
        const { exitCode, output } = (await frontDoor?.exec(command)) ?? {}
        assert.equal(exitCode, 0, output)
        await delay(BETWEEN_RELOADS_MS)
      }
    },
  },
]

export const FAULTS: readonly Fault[] = [...DATABASE_FAULTS, ...SERVICE_FAULTS]
