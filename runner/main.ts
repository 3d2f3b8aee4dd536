import { runCli } from './cli.ts'
import { UsageError } from './cli/options.ts'

/** The only place that sets the exit code, and that prints an error: once, with its causes. */
try {
  process.exitCode = await runCli(process.argv.slice(2), process.env)
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\nAll options: npm run bench -- --help\n`)
    process.exitCode = 2
  } else {
    let prefix = 'samehost: '
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`${prefix}${cause.message}\n`)
      prefix = '  because: '
    }
    process.exitCode = 1
  }
}
