import { exchange } from '../load/http/exchange.ts'
import type { Identity } from '../measurement/trial.ts'
import type { Arm } from '../plan/arms.ts'
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

/** @throws where another arm answers */
export async function identify(arm: Arm, url: string, asked: Asked): Promise<Identity> {
  const found = await whoAnswers(url, asked.signal)
  if (found === null) return { arm: null, instance: null, proofs: 0 }
  checkName(found, arm, url, asked)
  const isProof = found.arm !== null && found.instance !== null
  return { ...found, proofs: isProof ? 1 : 0 }
}

/**
 * After a stage. No answer is no proof to the contrary.
 *
 * @throws where another arm, or another process of this one, answers than before
 */
export async function proveAgain(
  known: Identity,
  arm: Arm,
  url: string,
  asked: Asked,
): Promise<Identity> {
  if (known.instance === null) return known
  const found = await whoAnswers(url, asked.signal)
  if (found === null) return known
  checkName(found, arm, url, asked)
  if (found.instance !== known.instance) {
    throw new Error(
      `Another process of ${arm.name} answers at ${url} than when its trial began (instance ` +
        `${found.instance ?? 'unknown'}, before ${known.instance}): it was restarted, or the way to it ` +
        'leads elsewhere. An arm of several processes must send the instance of its parent.',
    )
  }
  return { ...known, proofs: known.proofs + 1 }
}

type Found = Omit<Identity, 'proofs'>

/** A target of one's own may be called as one likes: its name proves nothing. */
function checkName(found: Found, arm: Arm, url: string, { testbed }: Asked): void {
  if (testbed.kind === 'remote' || found.arm === null || found.arm === arm.name) return
  const remedy =
    testbed.kind === 'compose'
      ? '`docker compose restart nginx` lets the front door look for it again'
      : 'give the service the environment variable ARM_NAME'
  throw new Error(`Not ${arm.name} but ${found.arm} answers at ${url}: ${remedy}.`)
}

/** @returns null without an answer */
async function whoAnswers(url: string, signal: AbortSignal): Promise<Found | null> {
  for (let tries = 0; tries < TRIES && !signal.aborted; tries += 1) {
    const options = { url, timeoutMs: TRY_MS }
    const ending = await exchange(options, { method: 'GET', path: '/healthz' })
    if (ending.kind === 'failed') continue
    const { headers = [] } = ending.answer
    const prepare = wordOf(headers, PREPARE_HEADER)
    return {
      arm: wordOf(headers, ARM_HEADER),
      instance: wordOf(headers, INSTANCE_HEADER),
      ...(prepare === 'on' || prepare === 'off' ? { prepare } : {}),
    }
  }
  return null
}

/** A header of ours is one short word; anything else is foreign text, and not kept. */
function wordOf(headers: readonly string[], name: string): string | null {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
  const value = at < 0 ? undefined : headers[at + 1]
  return value !== undefined && /^[\w.-]{1,64}$/.test(value) ? value : null
}
