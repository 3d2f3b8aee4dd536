import { parseArgs } from 'node:util'
import { parseTarget, withoutCredentials } from '../foreign/address.ts'
import { readAnswer, ReadError } from '../foreign/read.ts'
import { failureOf, walkJourney } from '../load/journey-check.ts'
import type { Study } from '../measurement/study.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { answerLines } from './journey.ts'
import { PARSED, UsageError } from './options.ts'
import { measureRun } from './run.ts'

/** How the service is called in what a probe leaves behind. */
const NAME = 'service'

/** What a probe decides itself. */
const TAKEN = [
  'profile',
  'target',
  'arms',
  'get',
  'hosts',
  'resume',
  'stats',
  'sign-in',
  'precision',
]

/**
 * `probe URL [PATH...] [options of run]`: a run of the profile `probe` on one service, which is looked at first. It
 * sends what the journey says and changes nothing else.
 *
 * @returns the exit code of the run; 1 where the service cannot be measured
 */
export async function probe(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  study: Study | null,
): Promise<number> {
  return await measureRun(runArguments(args), env, study, async ({ targets }, { scenario }) => {
    if (scenario.database !== null)
      throw new UsageError([
        `probe changes nothing, and with the database section of ${scenario.name} a database would be dropped: leave the ` +
          'section out, or measure a whole run: npm run bench -- --target NAME=URL --journey FILE.',
      ])
    for (const { url } of targets) await lookAt(url, scenario)
  })
}

/** The same as arguments of `run`. @throws UsageError */
export function runArguments(args: readonly string[]): string[] {
  const { positionals, tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
    options: PARSED,
  })
  const taken = tokens.filter((token) => token.kind === 'option')
  const own = taken.find(({ name }) => TAKEN.includes(name.replace(/^no-/, '')))
  if (own !== undefined) {
    throw new UsageError([
      `probe decides --${own.name} itself. A whole run takes it: npm run bench -- --target NAME=URL --journey FILE.`,
    ])
  }
  const [address, ...paths] = positionals
  if (address === undefined) {
    throw new UsageError([
      'probe needs the URL of a service, such as http://127.0.0.1:3000 /items.',
    ])
  }
  const hasJourney = taken.some(({ name }) => name === 'journey')
  const { base, first } =
    hasJourney || paths.length > 0 ? { base: address, first: [] } : split(address)
  const parsed = parseTarget(base)
  if ('fault' in parsed) throw new UsageError([`probe: ${parsed.fault}.`])
  const options = taken.map(({ rawName, value }) =>
    value === undefined ? rawName : `${rawName}=${value}`,
  )
  const read = [...first, ...paths].flatMap((path) => ['--get', path])
  return ['--profile', 'probe', '--target', `${NAME}=${parsed.url}`, ...read, ...options]
}

/** An address alone is read itself: its path and its query are the step. */
function split(address: string): { base: string; first: string[] } {
  if (!URL.canParse(address)) return { base: address, first: [] }
  const url = new URL(address)
  const first = [url.pathname + url.search]
  url.pathname = ''
  url.search = ''
  url.hash = ''
  return { base: url.href, first }
}

/** @throws Error saying what the service answered instead, and the remedy, before any load */
async function lookAt(url: string, { name, journey, secrets }: Scenario): Promise<void> {
  for await (const walked of walkJourney(url, journey)) {
    if (walked.error === null) continue
    const failure = failureOf(walked, walked.error, `the journey ${name}`)
    const why = walked.ending.kind === 'answered' ? failure.got : await reasonOf(url, failure.got)
    throw new Error(
      [
        `${withoutCredentials(url)} cannot be measured: ${failure.name}: ${why}.`,
        ...answerLines(walked.ending, secrets),
        failure.remedy,
      ].join('\n  '),
    )
  }
}

/** Why there is no answer, in more words than the load's client has. */
async function reasonOf(url: string, got: string): Promise<string> {
  try {
    await readAnswer(`${url}/`)
    return got
  } catch (error) {
    return error instanceof ReadError ? error.message : got
  }
}
