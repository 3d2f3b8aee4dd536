import { COMMAND_NAMES, help } from './cli/help.ts'
import { didYouMean } from './cli/nearest.ts'
import { UsageError } from './cli/options.ts'
import { goWhereNpmWasCalled, takenByNpm } from './cli/npm.ts'
import { tearDownText } from './cli/outcome.ts'
import { columnsOf } from './cli/screen.ts'
import { KIT, VERSION } from './kit.ts'
import { loadStudy } from './study.ts'

/**
 * Loads the command's own code and no other: the runner's memory is among the figures, and what
 * draws the charts alone takes 35 MB.
 *
 * @returns the exit code @throws UsageError for what no command understands
 */
export async function runCli(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const taken = takenByNpm(args, env)
  if (taken !== null) throw new UsageError([taken])
  goWhereNpmWasCalled(env)
  const [first = 'run', ...rest] = args
  if (args.includes('--help') || args.includes('-h') || first === 'help') {
    const asked = first === 'help' ? rest[0] : first
    const command = asked?.startsWith('-') ? undefined : asked
    if (command !== undefined && !COMMAND_NAMES.includes(command)) throw noCommand(command)
    process.stdout.write(help(columnsOf(env, process.stdout), command))
    return 0
  }
  if (first === '--version' || first === 'version') {
    process.stdout.write(`samehost ${VERSION}\n`)
    return 0
  }
  if (first.startsWith('-') || first === 'run') {
    const { measureRun } = await import('./cli/run.ts')
    return await measureRun(first === 'run' ? rest : args, env, await loadStudy(KIT))
  }
  if (first === 'schema') {
    const { schema } = await import('./cli/schema.ts')
    return schema(rest)
  }
  if (first === 'seed') {
    const { seed } = await import('./cli/seed.ts')
    return await seed(rest, env)
  }
  try {
    return await runCommand(first, rest, env)
  } finally {
    // `docker compose run` started what bench depends on, whatever the command was.
    if (env['SAMEHOST_TESTBED'] === 'compose')
      process.stderr.write(`The containers stay up.${tearDownText(env['ARMS'])}\n`)
  }
}

async function runCommand(
  name: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  switch (name) {
    case 'add': {
      const { add } = await import('./cli/add.ts')
      return await add(args, env, KIT)
    }
    case 'calibrate': {
      const { runCalibration } = await import('./cli/calibrate.ts')
      return await runCalibration(args)
    }
    case 'compare': {
      const { compare } = await import('./cli/compare.ts')
      return await compare(args, await loadStudy(KIT))
    }
    case 'journey': {
      const { journey } = await import('./cli/journey.ts')
      return await journey(args, env)
    }
    case 'probe': {
      const { probe } = await import('./cli/probe.ts')
      return await probe(args, env, await loadStudy(KIT))
    }
    case 'report': {
      const { report } = await import('./cli/report.ts')
      return await report(args, await loadStudy(KIT))
    }
    case 'vary': {
      const { vary } = await import('./cli/vary.ts')
      return await vary(args, env, KIT)
    }
    case 'verify': {
      const { verify } = await import('./cli/verify.ts')
      return await verify(args, env)
    }
    default:
      throw noCommand(name)
  }
}

const noCommand = (name: string): UsageError =>
  new UsageError([`There is no command ${name}.${didYouMean(name, COMMAND_NAMES)}`])
