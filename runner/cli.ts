import { add } from './cli/add.ts'
import { runCalibration } from './cli/calibrate.ts'
import { compare } from './cli/compare.ts'
import { report } from './cli/report.ts'
import { run } from './cli/run.ts'
import { seed } from './cli/seed.ts'
import { verify } from './cli/verify.ts'
import { HELP, UsageError } from './cli/usage.ts'
import { KIT } from './testbed/service-sql.ts'

/** @returns the exit code @throws UsageError for what no command understands */
export async function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [first = 'run', ...rest] = args
  if (args.includes('--help') || args.includes('-h') || first === 'help') {
    process.stdout.write(HELP)
    return 0
  }
  if (first.startsWith('-')) return await run(args, env)
  switch (first) {
    case 'run':
      return await run(rest, env)
    case 'add':
      return await add(rest, env, KIT)
    case 'calibrate':
      return await runCalibration(rest)
    case 'compare':
      return await compare(rest)
    case 'report':
      return await report(rest)
    case 'seed':
      return await seed(rest, env)
    case 'verify':
      return await verify(rest, env)
    default:
      throw new UsageError([`There is no command ${first}.`])
  }
}
