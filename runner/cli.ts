import { help } from './cli/help.ts'
import { UsageError } from './cli/options.ts'
import { goWhereNpmWasCalled } from './cli/outcome.ts'
import { columnsOf } from './cli/screen.ts'
import { KIT, VERSION } from './kit.ts'

/**
 * Loads the command's own code and no other: the runner's memory is among the figures, and what
 * draws the charts alone takes 35 MB.
 *
 * @returns the exit code @throws UsageError for what no command understands
 */
export async function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  goWhereNpmWasCalled(env)
  const [first = 'run', ...rest] = args
  if (args.includes('--help') || args.includes('-h') || first === 'help') {
    process.stdout.write(help(columnsOf(env, process.stdout)))
    return 0
  }
  if (first === '--version' || first === 'version') {
    process.stdout.write(`samehost ${VERSION}\n`)
    return 0
  }
  if (first.startsWith('-')) return await measure(args, env)
  switch (first) {
    case 'run':
      return await measure(rest, env)
    case 'add': {
      const { add } = await import('./cli/add.ts')
      return await add(rest, env, KIT)
    }
    case 'calibrate': {
      const { runCalibration } = await import('./cli/calibrate.ts')
      return await runCalibration(rest)
    }
    case 'compare': {
      const { compare } = await import('./cli/compare.ts')
      return await compare(rest)
    }
    case 'report': {
      const { report } = await import('./cli/report.ts')
      return await report(rest)
    }
    case 'schema': {
      const { schema } = await import('./cli/schema.ts')
      return schema(rest)
    }
    case 'seed': {
      const { seed } = await import('./cli/seed.ts')
      return await seed(rest, env)
    }
    case 'vary': {
      const { vary } = await import('./cli/vary.ts')
      return await vary(rest, env, KIT)
    }
    case 'verify': {
      const { verify } = await import('./cli/verify.ts')
      return await verify(rest, env)
    }
    default:
      throw new UsageError([`There is no command ${first}.`])
  }
}

async function measure(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { measureRun } = await import('./cli/run.ts')
  return await measureRun(args, env)
}
