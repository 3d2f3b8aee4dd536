import { dirname, relative } from 'node:path'
import { readingText } from '../../runner/analysis/claims/predictions.ts'
import { CHECKS } from '../../runner/analysis/checks/checks.ts'
import {
  CENTRE,
  CPU_S_PER_1000,
  CPU_S_PER_1000_SATURATED,
  CROWD,
  IN_A_CROWD,
  MEMORY_MB,
  TAIL,
  THINK_RATIO,
} from '../../runner/calibration/bounds.ts'
import { COMMANDS } from '../../runner/cli/help.ts'
import { RUN_OPTIONS, usageOf } from '../../runner/plan/options.ts'
import { profilesOf } from '../../runner/plan/profiles.ts'
import { STUDY } from '../../study/study.ts'
import { newestRecord, readRecord } from '../records.ts'
import { markdownTable } from './markdown-table.ts'
import type { Block } from './run-blocks.ts'
import { armsByGroup, limitCores, readCompose } from './compose.ts'

/** Blocks that are made of the code, and of the compose files. */
export const CODE_BLOCKS: Readonly<Record<string, Block>> = {
  checks: () =>
    markdownTable(
      ['check', 'a stage is INVALID if', 'may pass'],
      CHECKS.map(({ id, sentence, transient }) => [id, sentence, transient ? 'yes' : '']),
    ),

  profiles: () =>
    markdownTable(
      ['profile', 'ramp, users', 'warm-up + window', 'search', 'trials', 'takes about'],
      [...profilesOf(STUDY)].map(([name, profile]) => [
        `\`${name}\``,
        profile.users.join(', ') + (profile.scaled ? ` of ${STUDY.name}` : ''),
        `${profile.warmUpMs / 1000} s + ${profile.holdMs / 1000} s`,
        profile.search ? 'yes' : 'no',
        String(profile.trials),
        TAKES[name] ?? '–',
      ]),
    ),

  charts: () =>
    markdownTable(
      ['arm', 'users', 'requests/s', 'p95, ms', 'running mean, ms', 'own mean, ms'],
      STUDY.figures.charts.arms.flatMap(({ role, steps }) =>
        steps.map((step) => [
          STUDY.arms[role],
          step.unsteady === undefined ? String(step.users) : `${step.users}: ${step.unsteady}`,
          ...[step.perS, step.p95Ms, step.runningMs, step.ownMs].map((reading) =>
            reading === undefined ? '–' : readingText(reading),
          ),
        ]),
      ),
    ),

  replaced: () =>
    markdownTable(
      ['registered', 'claim', 'in the article', 'now', 'why'],
      STUDY.registration.replaced.map(({ registeredOn, statement, quoted, by, reason }) => [
        registeredOn,
        statement,
        quoted,
        by.map((id) => `\`${id}\``).join(', ') || 'not judged',
        reason,
      ]),
    ),

  async groups(_, { root, path }) {
    const groups = armsByGroup((await readCompose(root)).services)
    const perArm = await minutesOfArm()
    const rows = [...groups].map(([group, arms]) => {
      const [question, page] = GROUPS[group] ?? []
      if (question === undefined) throw new Error(`${group}: a group without its question.`)
      const asked =
        page === undefined ? question : `[${question}](${relative(dirname(path), page)})`
      return [`\`${group}\``, asked, String(arms.length), (arms.length * perArm).toFixed(0)]
    })
    return markdownTable(['group', 'question', 'arms', 'minutes'], rows)
  },

  async limits(_, { root }) {
    const { services } = await readCompose(root)
    const rows = Object.entries(LIMITED).map(([name, [what, why]]) => {
      const service = services[name]
      const cores = service && limitCores(service)
      if (!service?.mem_limit || !cores) throw new Error(`compose.yaml: ${name} has no limits`)
      const memory = service.mem_limit.replace('m', ' MB').replace('g', ' GB')
      return [what, `${cores} CPU, ${memory}`, why]
    })
    return markdownTable(['part', 'limit', 'why'], rows)
  },

  bounds: () =>
    markdownTable(
      ['figure', 'bound'],
      [
        ['mean, p50', `within ${CENTRE.ms} ms`],
        ['p95, p99', `within ${TAIL.ms} ms or ${percent(TAIL.ratio)}, whichever is more`],
        [
          `the same at ${CROWD} users`,
          `within ${IN_A_CROWD.ms} ms or ${percent(IN_A_CROWD.ratio)}, unless the client says that it is saturated`,
        ],
        ['think time', `within ${percent(THINK_RATIO)}`],
        ['CPU at about 120 requests/s', `${CPU_S_PER_1000} s for 1,000 requests`],
        ['CPU without think time', `${CPU_S_PER_1000_SATURATED} s for 1,000 requests`],
        [`memory at ${CROWD} users`, `${MEMORY_MB} MB`],
        ['injected failures, by class', 'counted = injected'],
      ],
    ),

  commands: () =>
    markdownTable(
      ['command', 'what it does'],
      COMMANDS.map(([command, text]) => [`\`npm run bench -- ${inCell(command)}\``, text]),
    ),

  options: () =>
    markdownTable(
      ['option', 'meaning'],
      RUN_OPTIONS.map((option) => [`\`${usageOf(option)}\``, inCell(option.text)]),
    ),
}

const inCell = (text: string): string => text.replaceAll('|', '\\|')

const percent = (ratio: number): string => `${ratio * 100} %`

/** What each group of arms asks, and the page that answers it. */
const GROUPS: Readonly<Record<string, readonly [question: string, page?: string]>> = {
  reference: ['What does a new connection for each request cost? The default', 'docs/results.md'],
  article: ['The same of the article’s own arms', 'docs/article.md'],
  lean: ['The same of FastAPI and Django, one lean process each'],
  all: ['Which counts more, framework or connection?'],
  example: ['How does a service of my own compare?', 'docs/add-an-arm.md'],
  'pool-size': ['How many connections should the pool have?', 'docs/factors/pool-size.md'],
  'pool-size-fastapi': ['The same of FastAPI'],
  workers: ['Do workers times pool run into max_connections?', 'docs/factors/workers.md'],
  'workers-django': ['The same of Django'],
  pooler: ['A pool, PgBouncer, or both?', 'docs/factors/pooler.md'],
  'pooler-django': ['The same of Django'],
  'django-pool': ['Does Django’s own pool close the gap?', 'docs/factors/django-pool.md'],
  handshake: ['What do authentication and TLS add?', 'docs/factors/handshake.md'],
  distance: ['What does distance to the database add?', 'docs/factors/distance.md'],
  prepared: ['What do prepared statements save?', 'docs/factors/prepared.md'],
  commits: ['What do four commits an order cost?'],
  'commits-python': ['The same of FastAPI and Django'],
  'article-why': ['What are the article’s numbers made of?'],
  postgres: ['What does a newer PostgreSQL change?'],
}

/** Of each arm, trials and search included, as the newest default run with Docker took. */
async function minutesOfArm(): Promise<number> {
  const { startedAt, finishedAt, configuration } = await readRecord(
    await newestRecord('compose-fit-quick'),
  )
  return (
    (Date.parse(finishedAt ?? startedAt) - Date.parse(startedAt)) /
    60_000 /
    configuration.arms.length
  )
}

/** Services whose limits are shown: what each stands for, and why it has them. */
const LIMITED: Readonly<Record<string, readonly [string, string]>> = {
  pooled: ['each arm', 'the article’s application host'],
  db: ['`db`', 'the article’s database host, larger on purpose'],
  nginx: [
    '`nginx`',
    'one worker needs about 0.1 core at 2,000 requests/s, so Nginx is never what saturates',
  ],
  bench: [
    '`bench`',
    'one event loop drives the load, so it uses one core at most; a stage in which it comes near that is INVALID. Where cores are short it has priority, so that it does not measure its own waiting',
  ],
  'stats-window': ['`stats-window`', 'forwards a few numbers each second'],
}

/** As the committed runs took on two cores. */
const TAKES: Readonly<Record<string, string>> = {
  smoke: 'under a minute',
  quick: '11 to 13 minutes',
  standard: '45 to 75 minutes',
  article: 'hours: as long as the article took, and the search',
}
