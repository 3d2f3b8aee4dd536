import type { Run } from '../../measurement/run.ts'
import { NONE } from '../number.ts'
import { cell, type Sheet } from '../sheet.ts'
import { testbedLine } from '../testbed-line.ts'

/** What the run really ran on, by each part's own word. */
export function environmentSheet({ environment }: Pick<Run, 'environment'>): Sheet {
  const { host, engine, compose, node, database, git, calibration, parts } = environment
  const memory = `${(host.memoryMb / 1000).toFixed(1)} GB`
  const facts: [string, string][] = [
    ['host', `${host.cores} × ${host.cpuModel ?? 'unknown CPU'}, ${memory}, ${host.platform}`],
    ['kernel', `${host.kernel}, cgroup v${host.cgroupVersion ?? NONE}`],
    ['virtual machine', host.virtualMachine ?? 'unknown'],
    ['CPU governor', host.cpuGovernor ?? 'unreadable'],
    ['engine', engine === null ? 'none' : `${engine}, Compose ${compose ?? NONE}`],
    ['Node.js', node],
    ['database', database.version ?? 'unknown'],
    ...Object.entries(database.settings).map(([name, value]): [string, string] => [name, value]),
    ...parts.map(
      ({ part, name, version, image, standIn, cpuLimitCores, memoryLimitMb }): [string, string] => [
        part,
        [
          `${name} ${version ?? ''}`.trim(),
          ...(image ? [image] : []),
          ...(standIn ? ['made locally in place of the official image'] : []),
          cpuLimitCores === null ? 'no CPU limit' : `${cpuLimitCores} cores`,
          memoryLimitMb === null ? 'no memory limit' : `${memoryLimitMb} MB`,
        ].join(', '),
      ],
    ),
    ['commit', `${git.commit ?? 'unknown'}${git.dirty ? ', with changes' : ''}`],
    [
      'calibration',
      calibration
        ? `${calibration.passed ? 'passed' : 'FAILED'} ${calibration.at}: ${calibration.summary}`
        : 'never on this machine: npm run bench -- calibrate',
    ],
  ]
  return {
    title: 'Environment',
    notes: [testbedLine(environment)],
    columns: [
      { head: 'what', kind: 'name' },
      { head: 'as read', kind: 'prose' },
    ],
    rows: facts.map(([what, read]) => [cell(what, 'strong'), cell(read)]),
  }
}
