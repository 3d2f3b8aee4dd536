import { exchange } from '../load/http/exchange.ts'
import type { Identity } from '../measurement/trial.ts'
import type { Arm } from '../plan/arms.ts'
import { settingsIn } from '../testbed/ready.ts'
import type { TrialSetting } from './trial.ts'

/**
 * Proof that the arm under test answers, and no other: the front door may lead elsewhere, since a
 * container's address is given to another within seconds. Every arm of the kit sends its name and a
 * random instance of its process; what sends neither cannot be proved, which is noted and no failure.
 */
const ARM_HEADER = 'x-samehost-arm'
const INSTANCE_HEADER = 'x-samehost-instance'
const PREPARE_HEADER = 'x-samehost-prepare'

/** Read between stages, while the users go on: a service that is overloaded may take its time. */
const [TRIES, TRY_MS] = [3, 3_000]

type Asked = Pick<TrialSetting, 'testbed' | 'signal'>

/** What answers is not what is measured: no figure of its trial is of the arm. */
export class NotItself extends Error {}

/** @throws NotItself where another arm answers */
export async function identify(arm: Arm, url: string, asked: Asked): Promise<Identity> {
  const found = await whoAnswers(url, asked.signal)
  if (found === null) return { arm: null, instance: null, proofs: 0, heldStages: 0 }
  checkName(found, arm, url, asked)
  return { ...found, proofs: isProof(found) ? 1 : 0, heldStages: 0 }
}

/**
 * After a stage. No answer is no proof to the contrary. What had no headers at first and has them now is known
 * from now on.
 *
 * @param heldStages of the trial, with this one
 * @throws NotItself where another arm, or another process of this one, answers than before
 */
export async function proveAgain(
  known: Identity,
  arm: Arm,
  url: string,
  heldStages: number,
  asked: Asked,
): Promise<Identity> {
  const found = await whoAnswers(url, asked.signal)
  if (found === null) return known
  checkName(found, arm, url, asked)
  if (known.instance === null) {
    if (!isProof(found)) return { ...known, heldStages }
    return { ...found, proofs: 1, heldStages, lateStages: heldStages }
  }
  if (found.instance !== known.instance) {
    throw new NotItself(
      `Another process of ${arm.name} answers at ${url} than when its trial began (instance ` +
        `${found.instance ?? 'unknown'}, before ${known.instance}): it was restarted, or the way to it ` +
        'leads elsewhere. An arm of several processes must send the instance of its parent.',
    )
  }
  return { ...known, proofs: known.proofs + 1, heldStages }
}

const isProof = ({ arm, instance }: Found): boolean => arm !== null && instance !== null

type Found = Pick<Identity, 'arm' | 'instance' | 'prepare'>

/** A target of one's own may be called as one likes: its name proves nothing. */
function checkName(found: Found, arm: Arm, url: string, { testbed }: Asked): void {
  if (testbed.kind === 'remote' || found.arm === null || found.arm === arm.name) return
  const remedy =
    testbed.kind === 'compose'
      ? '`docker compose restart nginx` lets the front door look for it again'
      : 'give the service the environment variable ARM_NAME'
  throw new NotItself(`Not ${arm.name} but ${found.arm} answers at ${url}: ${remedy}.`)
}

/**
 * Asked again while the answer has no headers: something on the way may have given it.
 *
 * @returns null without an answer
 */
async function whoAnswers(url: string, signal: AbortSignal): Promise<Found | null> {
  let last: Found | null = null
  for (let tries = 0; tries < TRIES && !signal.aborted; tries += 1) {
    const options = { url, timeoutMs: TRY_MS }
    const ending = await exchange(options, { method: 'GET', path: '/healthz' })
    if (ending.kind === 'failed') continue
    const { headers, status, body } = ending.answer
    const prepare = wordOf(headers, PREPARE_HEADER)
    const found: Found = {
      arm: wordOf(headers, ARM_HEADER),
      instance: wordOf(headers, INSTANCE_HEADER),
      ...(prepare === 'on' || prepare === 'off' ? { prepare } : {}),
      ...settingsIn(body.toString()),
    }
    if (isProof(found)) return found
    // A front door says by these that the service does not answer.
    if (status < FAILED) last = found
  }
  return last
}

/** The first status of a server that fails. */
const FAILED = 500

/** A header of ours is one short word; anything else is foreign text, and not kept. */
function wordOf(headers: readonly string[], name: string): string | null {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
  const value = at < 0 ? undefined : headers[at + 1]
  return value !== undefined && /^[\w.-]{1,64}$/.test(value) ? value : null
}
