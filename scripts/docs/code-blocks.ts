import { LEAST_SECONDS } from '../../runner/analysis/drift.ts'
import { BOUNDS } from '../../runner/analysis/validity.ts'
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
import type { CheckId } from '../../runner/measurement/stage.ts'
import { RUN_OPTIONS, usageOf } from '../../runner/plan/options.ts'
import { PROFILES, type ProfileName } from '../../runner/plan/profiles.ts'
import { markdownTable } from './markdown-table.ts'
import type { Block } from './run-blocks.ts'
import { armsByGroup, limitCores, readCompose } from './compose.ts'

/** Blocks that are made of the code, and of the compose files. */
export const CODE_BLOCKS: Readonly<Record<string, Block>> = {
  checks: () => markdownTable(['check', 'a stage is INVALID if'], Object.entries(CHECKS)),

  profiles: () =>
    markdownTable(
      ['profile', 'ramp, users', 'warm-up + window', 'search', 'trials', 'takes about'],
      Object.entries(PROFILES).map(([name, profile]) => [
        `\`${name}\``,
        profile.users.join(', ') + (profile.scaled ? ' of the article' : ''),
        `${profile.warmUpMs / 1000} s + ${profile.holdMs / 1000} s`,
        profile.search ? 'yes' : 'no',
        String(profile.trials),
        TAKES[name as ProfileName],
      ]),
    ),

  async groups(_, { root }) {
    const groups = armsByGroup((await readCompose(root)).services)
    const code = (name: string) => `\`${name}\``
    const grouped = [...groups].map(([group, arms]) => [code(group), arms.map(code).join(', ')])
    return markdownTable(['group', 'arms'], grouped)
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

/** What each check of a stage refuses, in the order in which they are made. */
const CHECKS: Readonly<Record<CheckId, string>> = {
  requests: `fewer than ${BOUNDS.requests} requests succeed`,
  'littles-law': `throughput × (response time + think time), with what the window's edges cut, differs from the users by more than ${percent(BOUNDS.littlesLaw)}`,
  'flow-balance': `the requests that end in the window differ by more than ${percent(BOUNDS.flowBalance)} from those that are sent in it, and by more than chance explains: a queue grows or drains`,
  'stuck-users': `more than ${percent(BOUNDS.stuckUsers)} of the users wait for one answer from before the window to after it`,
  'think-time': `the users think longer than was asked for, by more than ${BOUNDS.thinkLateMs} ms on average`,
  errors: `more than ${percent(BOUNDS.errors)} of the requests fail`,
  'in-flight': 'a request has no end when the stage is over',
  'client-cpu': `the runner (or one of its loaders) uses more than ${percent(BOUNDS.clientCores)} of a core`,
  'client-event-loop': `the p99 of the runner’s event-loop delay is ${BOUNDS.eventLoopMs} ms (or ${percent(BOUNDS.eventLoopOfMean)} of the mean response time, if that is more) over its idle p99`,
  'loader-edges': `the windows of the processes that share the users lie apart by more than ${percent(BOUNDS.loaderEdges)} of their length`,
  stolen: `the host of a virtual machine gives more than ${percent(BOUNDS.stolen)} of its CPU time to others`,
  restarts: 'a part restarts',
  'oom-kills': 'a part is killed because of its memory limit',
  drift: `the mean response times of the two halves of the window differ by more than ${percent(BOUNDS.drift)}, by more than ${BOUNDS.driftMs} ms, and by more than noise explains`,
  silence: `a half of the window has fewer than ${LEAST_SECONDS} seconds with an answer, so no drift could be seen`,
  stall: `a part stands still: within two neighbouring seconds each user loses more than ${BOUNDS.stall.s} s (${BOUNDS.stall.mostS} s where users wait anyway; ${percent(BOUNDS.stall.ofWindow)} of a long window) to waiting, or to requests not sent, that the other seconds do not have`,
  'app-idle': `the app uses less than ${BOUNDS.idleUsPerRequest} µs of CPU for each request, whatever its clock may have missed: another service answered`,
  figures: 'a figure is missing that the rest of the run has',
  limits:
    'the CPU or memory limit of a part is another at the end of the stage than as its trial began',
  trial:
    'its trial was aborted for what it is (another service or process answered, the contract, the audit), or it broke off before the same process was proved again',
  settings:
    'the service does not confirm the level of its arm, or was given something else than in an earlier trial',
  connections: `\`per-request\`: new database connections per request are not between ${BOUNDS.perRequest.low} and ${BOUNDS.perRequest.high}, by more than a queue that drains or grows and chance at the window’s edges explain; other modes: they are more than ${BOUNDS.kept}, and more than ${BOUNDS.keptInAll} in all`,
}

/** As the committed runs took on two cores. */
const TAKES: Readonly<Record<ProfileName, string>> = {
  smoke: 'under a minute',
  quick: '9 to 11 minutes',
  standard: '45 to 75 minutes',
  article: 'hours: as long as the article took, and the search',
}
