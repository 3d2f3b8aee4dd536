import { runCli } from './cli.ts'
import { endWithinLimit, outliveReaders } from './cli/ending.ts'
import { UsageError } from './cli/options.ts'
import { shownAddress } from './foreign/address.ts'
import { printable } from './foreign/printable.ts'

// A password in an argument would stand in the machine's list of processes for as long as a run takes.
if (process.argv.some((word) => shownAddress(word) !== word)) process.title = 'samehost'

outliveReaders()
process.exitCode = await exitCode()
endWithinLimit(process.exitCode)

/** The only place that makes the exit code of an error, and that prints one: once, with its causes. */
async function exitCode(): Promise<number> {
  try {
    return await runCli(process.argv.slice(2), process.env)
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${printable(error.message)}\nAll options: npm run bench -- --help\n`)
      return 2
    }
    let prefix = 'samehost: '
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      process.stderr.write(`${prefix}${printable(cause.message)}\n`)
      prefix = '  because: '
    }
    return 1
  }
}
