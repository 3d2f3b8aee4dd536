import { runCli } from './cli.ts'
import { UsageError } from './cli/options.ts'
import { shownAddress, withoutCredentials } from './foreign/address.ts'
import { printable } from './foreign/printable.ts'

const shown = (text: string): string => withoutCredentials(printable(text))

// A password in an argument would stand in the machine's list of processes for as long as a run takes.
if (process.argv.some((word) => shownAddress(word) !== word)) process.title = 'samehost'

/** The only place that sets the exit code, and that prints an error: once, with its causes. */
try {
  process.exitCode = await runCli(process.argv.slice(2), process.env)
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${shown(error.message)}\nAll options: npm run bench -- --help\n`)
    process.exitCode = 2
  } else {
    let prefix = 'samehost: '
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`${prefix}${shown(cause.message)}\n`)
      prefix = '  because: '
    }
    process.exitCode = 1
  }
}
