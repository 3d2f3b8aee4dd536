import { CONTRACT_CASES } from '../contract/check.ts'
import { contractSuite } from './contract.ts'
import { UsageError } from './usage.ts'
import { httpUrl } from './values.ts'

/** `verify URL`: runs the contract's suite and says what fails and how to mend it. */
export async function verify(args: readonly string[]): Promise<number> {
  const [given = '', ...more] = args
  const url = httpUrl(given)
  if (url === null || more.length > 0) {
    throw new UsageError(['verify needs one URL, such as http://127.0.0.1:8080/pooled.'])
  }
  const failures = await (await contractSuite())(url)
  for (const { name, expected, got, remedy } of failures) {
    process.stdout.write(`FAIL ${name}\n  expected ${expected}\n  got      ${got}\n  ${remedy}\n`)
  }
  const passed = CONTRACT_CASES.length - failures.length
  process.stdout.write(
    `${passed} of ${CONTRACT_CASES.length} cases of the contract hold at ${url}.\n`,
  )
  return failures.length === 0 ? 0 : 1
}
