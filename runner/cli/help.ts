import wrapAnsi from 'wrap-ansi'
import { type Option, RUN_OPTIONS, usageOf } from '../plan/options.ts'

export const COMMANDS = [
  ['[run] [options]', 'take each arm through the ramp, print tables, write results/'],
  [
    'report DIR | NAME [--verify]',
    'write the reports of a run again from its raw files; --verify recomputes its latencies',
  ],
  ['compare DIR DIR', 'two runs: ratios with intervals'],
  [
    'probe URL [PATH...] [--journey FILE]',
    'a first answer about your own service, in two minutes: it is only read',
  ],
  ['journey check FILE URL', 'go a journey once, and show each request with its answer'],
  ['verify URL | ARM', "run the contract's suite against a service"],
  ['add NAME', 'begin an arm of your own: services/NAME and its entry in compose.yaml'],
  ['vary ARM NAME=a,b,c', 'a group of arms that are ARM but for one variable or limit'],
  [
    'schema [--table | --journey]',
    'print what run.json holds: as a JSON schema, or as a table; or the schema of a journey file',
  ],
  ['calibrate [--short] [--with locust]', 'measure the instrument itself against known delays'],
  [
    'calibrate --loaders N [--users A,B] [--think 5s]',
    'the same of N processes together, at 4,000 to 16,000 users',
  ],
] as const

/** The arguments and options of each command, as rows. */
const DETAILS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  run: RUN_OPTIONS.map((option): [string, string] => [usageOf(option), option.text]),
  report: [
    ['DIR', 'the folder of one run, such as results/2026-11-30T09-00-00Z-quick'],
    optionOf('verbose'),
    optionOf('quiet'),
    optionOf('json'),
  ],
  compare: [
    [
      'DIR',
      'a run, or a folder whose subfolders are runs of one kind: their trials count together',
    ],
  ],
  probe: [
    ['URL', 'a service that runs, such as http://127.0.0.1:3000'],
    ['PATH', 'what users read there, such as /items; without any, the URL itself'],
    optionOf('journey'),
    [
      '--database-url URL',
      'of its database, by any role: its new connections are counted, and nothing is changed',
    ],
    optionOf('pid'),
    optionOf('trials'),
    ['OPTION', 'another of `run`, such as --think, --threshold or --out'],
  ],
  journey: [
    ['FILE', 'the journey, in YAML: docs/add-an-arm.md'],
    ['URL', 'a service that runs, such as http://127.0.0.1:3000'],
  ],
  verify: [
    ['URL', 'a service that runs, such as http://127.0.0.1:8080/pooled'],
    ['ARM', 'an arm of this kit: it is started on a recreated database'],
  ],
  add: [['NAME', 'at most 40 of a-z, 0-9 and single -, a letter first']],
  vary: [
    ['ARM', 'the arm that is varied, such as pooled'],
    [
      'NAME=a,b,c',
      'a variable of the service, as DB_POOL_MAX=2,5,10; or cpus, mem_limit, pids_limit',
    ],
  ],
  calibrate: [
    ['--short', 'a part of it'],
    ['--with locust', 'what Locust reads of the same server beside it'],
    ['--loaders N', 'N processes, each on a server of its own'],
    ['--users A,B', 'with --loaders: users of all of them together'],
    ['--think 5s', 'with --loaders: think time'],
  ],
}

function optionOf(name: string): [string, string] {
  const option = (RUN_OPTIONS as readonly Option[]).find((each) => each.name === name)
  return [`--${name}`, option?.text ?? '']
}

/** Commands by the name that is typed. */
export const COMMAND_NAMES: readonly string[] = Object.keys(DETAILS)

/** The words that show the help on what was typed: the help of its command, if it has one. */
export function helpHint([first = '']: readonly string[]): string {
  const command = COMMAND_NAMES.includes(first) ? `${first} ` : ''
  return `Help: npm run bench -- ${command}--help`
}

/**
 * The help, made from the tables of commands and options.
 *
 * @param columns of the screen
 * @param command one of COMMAND_NAMES: its help alone; absent: of all commands, and the options of `run`
 */
export function help(columns: number, command?: string): string {
  const isAsked = (usage: string) => command === undefined || nameOf(usage) === command
  const commands = COMMANDS.filter(([usage]) => isAsked(usage)).map(
    ([usage, text]): [string, string] => [`npm run bench -- ${usage}`, text],
  )
  const details = DETAILS[command ?? 'run'] ?? []
  const end =
    command === undefined
      ? [
          'COMMAND --help shows the help of one command, --version the version.',
          'Durations take ms, s and m.',
          'Exit: 0 done, 1 failed, 2 bad usage, 3 --check fell short, 130 interrupted.',
        ]
      : command === 'run'
        ? ['Durations take ms, s and m.']
        : []
  return [
    ...(command === undefined
      ? [
          folded(
            'samehost: same host, same database, same logic; change one thing and see what it costs.',
            columns,
          ),
          '',
        ]
      : []),
    ...listed(commands, columns),
    '',
    ...(command === undefined ? ['Options of run'] : []),
    ...listed(details, columns),
    ...(end.length > 0 ? ['', ...end.map((text) => folded(text, columns))] : []),
    '',
  ].join('\n')
}

/** `[run] [options]` is the command run. */
const nameOf = (usage: string): string => /[a-z]+/.exec(usage)?.[0] ?? ''

/** Two columns, the second folded to the width of the screen; where it is too narrow, one under the other. */
function listed(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4
  if (columns - left < 30) {
    return rows.flatMap(([name, text]) => [
      ...indented(name, 2, columns),
      ...indented(text, 6, columns),
    ])
  }
  const width = Math.min(columns, 110) - left
  return rows.flatMap(([name, text]) =>
    folded(text, width)
      .split('\n')
      .map((line, at) => `${(at === 0 ? `  ${name}` : '').padEnd(left)}${line}`.trimEnd()),
  )
}

const indented = (text: string, by: number, columns: number): string[] =>
  folded(text, columns - by)
    .split('\n')
    .map((line) => ' '.repeat(by) + line)

const folded = (text: string, width: number): string =>
  wrapAnsi(text, Math.max(1, width), { hard: true })
