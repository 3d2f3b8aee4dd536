import { runCli } from './cli.ts'
import { endWithinLimit, outliveReaders } from './cli/ending.ts'
import { helpHint } from './cli/help.ts'
import { endWithNpm } from './cli/npm.ts'
import { UsageError } from './cli/options.ts'
import { shownAddress } from './foreign/address.ts'
import { printable } from './foreign/printable.ts'

// A password in an argument would stand in the machine's list of processes for as long as a run takes.
if (process.argv.some((word) => shownAddress(word) !== word)) process.title = 'samehost'

// The driver of PostgreSQL reads them where an address leaves something open, and none of them reaches the arms.
// A password that stands in no argument may.
for (const name of Object.keys(process.env))
  if (/^PG(?!PASS(WORD|FILE)$)|^NODE_PG_/.test(name)) delete process.env[name]

outliveReaders()
endWithNpm(process.env)
process.exitCode = await exitCode()
endWithinLimit(process.exitCode)

/** The only place that makes the exit code of an error, and that prints one: once, with its causes. */
async function exitCode(): Promise<number> {
  try {
    return await runCli(process.argv.slice(2), process.env)
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${printable(error.message)}\n${helpHint(process.argv.slice(2))}\n`)
      return 2
    }
    let said = ''
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      // A message that repeats the words of its cause has told the cause too.
      if (said !== '' && said.includes(cause.message)) continue
      process.stderr.write(
        `${said === '' ? 'samehost: ' : '  because: '}${printable(cause.message)}\n`,
      )
      said += `${cause.message}\n`
    }
    return 1
  }
}
