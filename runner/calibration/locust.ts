import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { KIT } from '../kit.ts'
import type { LocustRow } from './calibration.ts'
import { exactStatistics } from './measure.ts'
import type { DelayServer } from './server-process.ts'

/** Its two clients, by their class in locust/known_delays.py. */
export const LOCUST_CLIENTS = { Shopper: 'HttpUser', FastShopper: 'FastHttpUser' } as const
export type LocustUser = keyof typeof LOCUST_CLIENTS

/** The last word of locust/known_delays.py. */
const Reading = Type.Object({
  openedAtMs: Type.Number(),
  closedAtMs: Type.Number(),
  cpuS: Type.Number(),
  requests: Type.Integer({ minimum: 1 }),
  failures: Type.Integer(),
  meanMs: Type.Number(),
  p50Ms: Type.Number(),
  p95Ms: Type.Number(),
  p99Ms: Type.Number(),
})

export type LocustOptions = Readonly<{
  user: LocustUser
  delay: string
  users: number
  thinkMs: number
  warmUpS: number
  holdS: number
}>

const run = promisify(execFile)
const FOLDER = join(KIT, 'locust')
/** ms. Beyond the window: to start, and to end its users. */
const START_AND_STOP_MS = 60_000

const REMEDY =
  `Install it, with Python 3.12 or later: python3 -m venv .venv && ` +
  `.venv/bin/pip install --require-hashes -r locust/requirements.txt; then begin with PATH=.venv/bin:$PATH`

/** @throws with the remedy where no `locust` is on the PATH @returns what it calls itself */
export async function locustVersion(): Promise<string> {
  try {
    const { stdout } = await run('locust', ['--version'], { timeout: START_AND_STOP_MS })
    return /^locust [\d.]+/.exec(stdout)?.[0] ?? stdout.trim()
  } catch (cause) {
    throw new Error(`There is no locust to compare with. ${REMEDY}`, { cause })
  }
}

/** Locust's reading of the known delays, in a process of its own, as it prints it. */
export async function measureLocust(
  server: DelayServer,
  { user, delay, users, thinkMs, warmUpS, holdS }: LocustOptions,
): Promise<LocustRow> {
  await server.takeLog()
  const settings = {
    LOCUST_HOST: `${server.url}/${delay}`,
    LOCUST_USERS: String(users),
    LOCUST_SPAWN_RATE: String(users),
    THINK_S: String(thinkMs / 1000),
    WARM_UP_S: String(warmUpS),
    HOLD_S: String(holdS),
  }
  const args = ['-f', join(FOLDER, 'known_delays.py'), '--headless', '--only-summary', user]
  const { stdout } = await run('locust', args, {
    env: { ...process.env, ...settings },
    timeout: (warmUpS + holdS) * 1000 + START_AND_STOP_MS,
  })
  const { openedAtMs, closedAtMs, requests, failures, cpuS, ...measured } = readingIn(stdout)
  const { arrivedAtMs, serviceMs } = await server.takeLog()
  // Locust counts a request when its answer has come.
  const within = serviceMs.filter((ms, index) => {
    const answeredAtMs = (arrivedAtMs[index] ?? Number.NaN) + ms
    return answeredAtMs >= openedAtMs && answeredAtMs < closedAtMs
  })
  return {
    client: LOCUST_CLIENTS[user],
    delay,
    users,
    requests,
    failures,
    truth: exactStatistics(within),
    measured,
    cpuSPer1000: (cpuS / requests) * 1000,
  }
}

/** @throws if Locust ended without its last word */
function readingIn(stdout: string): Type.Static<typeof Reading> {
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'))
  const reading: unknown = line === undefined ? undefined : JSON.parse(line)
  if (Value.Check(Reading, reading)) return reading
  throw new Error(
    `Locust measured nothing: it said ${JSON.stringify(stdout.slice(-500))}. Is it the version of locust/requirements.in?`,
  )
}
