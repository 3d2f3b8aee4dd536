import { runCli } from './cli.ts'
import { HELP, UsageError } from './cli/usage.ts'

/** The only place that sets the exit code, and that prints an error: once, with its causes. */
try {
  process.exitCode = await runCli(process.argv.slice(2), process.env)
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${HELP}`)
    process.exitCode = 2
  } else {
    for (let cause = error; cause !== undefined; cause = (cause as Error).cause) {
      const prefix = cause === error ? 'samehost: ' : '  because: '
      process.stderr.write(`${prefix}${cause instanceof Error ? cause.message : String(cause)}\n`)
      if (!(cause instanceof Error)) break
    }
    process.exitCode = 1
  }
}
