import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { end, startAgain } from './testing/container.ts'
import { type Fault, PROBLEMS, type Scene } from './testing/fault.ts'

const RELOADS = 3
const BETWEEN_RELOADS_MS = 300

async function start({ service, moved }: Scene): Promise<void> {
  await startAgain(service)
  await moved()
}

export const SERVICE_FAULTS: readonly Fault[] = [
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
