import { parseTarget, withoutSecretsOf } from '../foreign/address.ts'
import { printable, printableLine } from '../foreign/printable.ts'
import { failureOf, walkJourney, type WalkedStep } from '../load/journey-check.ts'
import { UsageError } from './options.ts'
import { scenarioOf } from './testbeds.ts'

/** Characters of a request or an answer that are shown. */
const MOST = 600

/**
 * `journey check FILE URL`: one user goes the journey once, and each request is shown with its answer.
 *
 * @returns 0 where every answer is good, else 1
 */
export async function journey(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [verb, file, address, ...more] = args
  if (verb !== 'check' || file === undefined || address === undefined || more.length > 0)
    throw new UsageError(['journey takes: check FILE URL'])
  const target = parseTarget(address)
  if ('fault' in target) throw new UsageError([`journey check: ${target.fault}.`])
  const scenario = await scenarioOf(env, { runsElsewhere: true, source: file })
  const secrets = [
    ...scenario.secrets,
    ...(scenario.secret ? [process.env[scenario.secret] ?? ''] : []),
  ]
  let number = 0
  for await (const walked of walkJourney(target.url, scenario.journey)) {
    number += 1
    const { step, ending, error } = walked
    const { method, path, headers = '', body } = step.request
    const lines = [
      `${number}. ${step.endpoint}: ${method} ${path}`,
      ...headers.split('\r\n').filter(Boolean),
      ...(body === undefined ? [] : [body]),
      ...answerLines(ending, secrets),
      ...(error === null ? [] : faultLines(walked, error, file)),
    ]
    const shown = lines.map((line) => bounded(masked(line, secrets)))
    process.stdout.write(`${withoutSecretsOf(target.url, shown.join('\n   '))}\n`)
    if (error !== null) return 1
  }
  process.stdout.write(`The journey is whole: ${number} steps, each answer good.\n`)
  return 0
}

function faultLines(walked: WalkedStep, error: string, file: string): string[] {
  const { got, remedy } = failureOf(walked, error, file)
  return [`FAIL ${walked.fault ?? got}`, remedy]
}

/** What came back, in lines that can be shown. */
export function answerLines(ending: WalkedStep['ending'], secrets: readonly string[]): string[] {
  const tookMs = ending.durationMs.toFixed(1)
  if (ending.kind === 'failed') return [`-> ${ending.error} after ${tookMs} ms`]
  const { status, headers, body } = ending.answer
  const of = (name: string): string | undefined => {
    const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
    return at < 0 ? undefined : headers[at + 1]
  }
  const location = of('location')
  const head = [
    `-> ${status} in ${tookMs} ms`,
    of('content-type') ?? 'no content-type',
    `${body.length} bytes`,
    ...(location === undefined ? [] : [`leads to ${location}`]),
  ]
  const text = body.subarray(0, 4 * MOST).toString('utf8')
  return [head.join(', '), ...(text === '' ? [] : [text])].map((line) =>
    bounded(masked(line, secrets)),
  )
}

const masked = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((clean, secret) => (secret === '' ? clean : clean.replaceAll(secret, '***')), text)

function bounded(text: string): string {
  const line = printableLine(printable(text))
  return line.length <= MOST ? line : `${line.slice(0, MOST)}…`
}
