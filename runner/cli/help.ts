import { RUN_OPTIONS, usageOf } from '../plan/options.ts'

export const COMMANDS = [
  ['[run] [options]', 'take each arm through the ramp, print tables, write results/'],
  [
    'report DIR | NAME [--verify]',
    'write the reports of a run again from its raw files; --verify recomputes its latencies',
  ],
  ['compare DIR DIR', 'two runs: ratios with intervals'],
  ['verify URL | ARM', "run the contract's suite against a service"],
  ['add NAME', 'begin an arm of your own: services/NAME and its entry in compose.yaml'],
  ['vary ARM NAME=a,b,c', 'a group of arms that are ARM but for one variable or limit'],
  ['schema [--table]', 'print what run.json holds: as a JSON schema, or as a table'],
  ['calibrate [--short] [--with locust]', 'measure the instrument itself against known delays'],
  [
    'calibrate --loaders N [--users A,B] [--think 5s]',
    'the same of N processes together, at 4,000 to 16,000 users',
  ],
] as const

/** The help, made from the tables of commands and options. @param columns of the screen */
export function help(columns: number): string {
  const commands = COMMANDS.map(([command, text]): [string, string] => [
    `npm run bench -- ${command}`,
    text,
  ])
  const options = RUN_OPTIONS.map((option): [string, string] => [usageOf(option), option.text])
  return [
    ...folded(
      'samehost: same host, same database, same logic; change one thing and see what it costs.',
      columns,
    ),
    '',
    ...listed(commands, columns),
    '',
    'Options of run',
    ...listed(options, columns),
    '',
    ...folded('--help shows this, --version the version. Durations take ms, s and m.', columns),
    ...folded(
      'Exit: 0 done, 1 failed, 2 bad usage, 3 --check fell short, 130 interrupted.',
      columns,
    ),
    '',
  ].join('\n')
}

/** Two columns, the second folded to the width of the screen; where it is too narrow, one under the other. */
function listed(rows: readonly (readonly [string, string])[], columns: number): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4
  if (columns - left < 30) {
    return rows.flatMap(([name, text]) => [
      ...folded(name, columns - 2).map((line) => `  ${line}`),
      ...folded(text, columns - 6).map((line) => `      ${line}`),
    ])
  }
  const width = Math.max(20, Math.min(columns, 110) - left)
  return rows.flatMap(([name, text]) =>
    folded(text, width).map((line, at) =>
      `${(at === 0 ? `  ${name}` : '').padEnd(left)}${line}`.trimEnd(),
    ),
  )
}

function folded(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
