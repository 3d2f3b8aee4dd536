import { analysisOf } from '../../runner/analysis/arm-analysis.ts'
import { factorViews } from '../../runner/analysis/factors/levels.ts'
import { crossingRatio, ratioInterval } from '../../runner/analysis/ratio.ts'
import { ms, NONE } from '../../runner/report/sheet.ts'
import { judgedRecord, newestRecord } from '../records.ts'
import { markdownTable } from './markdown-table.ts'
import { type Block, type Place, sourceOf } from './run-blocks.ts'

/** What to do, by which of two arms serves more users: the words follow the interval of the record. */
type Choice = Readonly<{
  question: string
  /** Begin of a record's name; the newest of them is taken. */
  record: string
  over: string
  under: string
  /** What is compared, in words: over first. */
  compared: string
  /** If the whole interval lies over 1, under 1, or neither. */
  more: string
  less: string
  alike: string
}>

const UNTOLD = 'cannot be told apart here'

const CHOICES: readonly Choice[] = [
  {
    question: 'May the service keep connections?',
    record: 'compose-fit-quick',
    over: 'pooled',
    under: 'per-request',
    compared: 'a pool over a new one each request',
    more: '**Keep them.**',
    less: 'Open one each request.',
    alike: UNTOLD,
  },
  {
    question: 'A pool, or one for each worker?',
    record: 'compose-fit-quick',
    over: 'persistent',
    under: 'pooled',
    compared: 'persistent over pool',
    more: '**Persistent.**',
    less: '**A pool.**',
    alike: `**Either**: ${UNTOLD}.`,
  },
  {
    question: 'Django: its own pool, or `CONN_MAX_AGE`?',
    record: 'factor-django-pool',
    over: 'django-pool-own',
    under: 'django-pool-persistent',
    compared: 'its pool over `CONN_MAX_AGE=60`',
    more: '**Its own pool.**',
    less: '**`CONN_MAX_AGE`.**',
    alike: `**Either**: ${UNTOLD}. Not \`CONN_MAX_AGE\` under ASGI.`,
  },
  {
    question: 'It cannot keep them: PgBouncer?',
    record: 'factor-pooler',
    over: 'pooler-transaction-per-request',
    under: 'pooler-none-per-request',
    compared: 'transaction mode over none',
    more: '**Yes.**',
    less: '**No.**',
    alike: UNTOLD,
  },
  {
    question: 'Transaction or session mode?',
    record: 'factor-pooler',
    over: 'pooler-transaction-per-request',
    under: 'pooler-session-per-request',
    compared: 'transaction over session',
    more: '**Transaction.**',
    less: '**Session.**',
    alike: `**Either**: ${UNTOLD}. Transaction if clients keep more connections than PgBouncer has.`,
  },
  {
    question: 'It keeps them already: PgBouncer too?',
    record: 'factor-pooler',
    over: 'pooler-transaction-pooled',
    under: 'pooler-none-pooled',
    compared: 'transaction mode over none',
    more: '**Yes.**',
    less: '**No.**',
    alike: '**Not for users served**: no gain seen. For many processes it bounds connections.',
  },
  {
    question: 'TLS, connections kept?',
    record: 'factor-handshake',
    over: 'handshake-md5-tls-pooled',
    under: 'handshake-md5-pooled',
    compared: 'TLS over none',
    more: 'TLS costs nothing here.',
    less: '**Where the way is not yours.** It costs this.',
    alike: `**Use it**: no cost could be told.`,
  },
  {
    question: 'TLS, a new connection each request?',
    record: 'factor-handshake',
    over: 'handshake-md5-tls-per-request',
    under: 'handshake-md5-per-request',
    compared: 'TLS over none',
    more: 'TLS costs nothing here.',
    less: '**Keep connections first**: each request pays the handshake.',
    alike: `**Use it**: no cost could be told.`,
  },
  {
    question: 'SCRAM or md5, a new connection each request?',
    record: 'factor-handshake',
    over: 'handshake-scram-per-request',
    under: 'handshake-md5-per-request',
    compared: 'SCRAM over md5',
    more: 'SCRAM costs nothing here.',
    less: '**Keep connections first**: each request pays for SCRAM.',
    alike: `**SCRAM**: no cost could be told.`,
  },
]

const HEAD = ['question', 'take', 'users, times (95 % interval)', 'host of the app, run']

/** Blocks of docs/choose.md, made of the newest record of each group. */
export const CHOOSE_BLOCKS: Readonly<Record<string, Block>> = {
  /** Which to use: a line a question. */
  async choices(_, place) {
    const rows = CHOICES.map(async (choice) => [
      choice.question,
      ...(await decided(choice)),
      await sourceOf(choice.record, place),
    ])
    const others = [size, workers, distance].map(async (line) => await line(place))
    return markdownTable(HEAD, [...(await Promise.all(rows)), ...(await Promise.all(others))])
  },
}

/** The advice and the ratio that it follows from. */
async function decided(choice: Choice): Promise<[string, string]> {
  const run = await judgedRecord(await newestRecord(choice.record))
  const ratio = crossingRatio(analysisOf(run, choice.over), analysisOf(run, choice.under))
  if (ratio === null) return ['not measured', NONE]
  const found = ratioInterval(ratio)
  const reach = found === null ? 'provisional' : endsText(found.low, found.high)
  const figure = `${choice.compared}: ${ratio.value.toFixed(2)} (${reach})`
  return [found === null ? `provisional: ${ratio.trials} trials` : adviceOf(choice, found), figure]
}

/** Which of the three a ratio's interval speaks for; an open end (null) reaches beyond 1. */
export function adviceOf(
  { more, less, alike }: Pick<Choice, 'more' | 'less' | 'alike'>,
  { low, high }: Readonly<{ low: number | null; high: number | null }>,
): string {
  if (low !== null && low > 1) return more
  return high !== null && high < 1 ? less : alike
}

const endsText = (low: number | null, high: number | null): string =>
  high === null
    ? `at least ${low?.toFixed(2) ?? '0'}`
    : low === null
      ? `at most ${high.toFixed(2)}`
      : `${low.toFixed(2)} to ${high.toFixed(2)}`

/** Of the pool: the sizes that cannot be told from the best. */
async function size(place: Place): Promise<string[]> {
  const run = await judgedRecord(await newestRecord('factor-pool-size'))
  const optimum = factorViews(run)[0]?.optimum
  const good = optimum?.candidates ?? []
  const worst = optimum?.worst
  return [
    'How large a pool, one process?',
    good.length === 0
      ? 'not told'
      : `**${good[0]} to ${good.at(-1)}** connections: ${UNTOLD}. A small one spares the database.`,
    typeof worst?.ratio !== 'number'
      ? NONE
      : `${worst.level} over ${optimum?.best}: ${worst.ratio.toFixed(2)} (${endsText(worst.interval?.low ?? null, worst.interval?.high ?? null)})`,
    await sourceOf('factor-pool-size', place),
  ]
}

/** Processes times pool beyond max_connections: the share of requests that were refused at the most users. */
async function workers(place: Place): Promise<string[]> {
  const run = await judgedRecord(await newestRecord('factor-workers-beyond'))
  const most = Math.max(...run.configuration.users)
  const stages = run.trials.flatMap(({ stages: own }) =>
    own.filter(({ kind, users }) => kind === 'ramp' && users === most),
  )
  const sent = sum(stages.map(({ outcomes }) => outcomes.sent))
  const refused = sum(stages.map(({ all }) => all.errors['status-503'] ?? 0))
  return [
    'Several processes?',
    '**Divide**: processes × pool under `max_connections`, with room for others.',
    `4 × 30 at ${most} users: ${((100 * refused) / sent).toFixed(1)} % of requests refused (503)`,
    await sourceOf('factor-workers-beyond', place),
  ]
}

/** What the farthest database adds to an order. */
async function distance(place: Place): Promise<string[]> {
  const run = await judgedRecord(await newestRecord('factor-distance'))
  const view = factorViews(run).find(({ from }) => from === 'pooled')
  const levels = (view?.levels ?? []).filter(({ orderMs }) => orderMs !== null)
  const [near, far] = [levels[0], levels.at(-1)]
  return [
    'The database is far?',
    '**Fewer statements, kept connections**: each statement waits a round trip.',
    `median of an order: ${ms(near?.orderMs?.value)} ms at ${ms(near?.roundTripMs)} ms, ${ms(far?.orderMs?.value)} ms at ${ms(far?.roundTripMs)} ms`,
    await sourceOf('factor-distance', place),
  ]
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
