import { CONTRACT_CASES } from '../contract/check.ts'
import { httpUrl, UsageError } from './options.ts'
import { chooseTestbed, contractSuite } from './prepare.ts'

/**
 * `verify URL` or `verify ARM`: runs the contract's suite and says what fails and how to mend it. An arm
 * gets the database made anew first, as before a trial.
 */
export async function verify(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [given = '', ...more] = args
  const url = httpUrl(given)
  if (more.length > 0) throw new UsageError(['verify takes one URL, or the name of one arm.'])
  return url === null ? await verifyArm(given, env) : await verifyAt(url)
}

async function verifyArm(name: string, env: NodeJS.ProcessEnv): Promise<number> {
  const choice = await chooseTestbed({ targets: [], databaseUrl: null }, env)
  const arm = choice.arms.find((each) => each.name === name)
  if (arm === undefined) {
    const here = choice.arms.map((each) => each.name).join(', ')
    throw new UsageError([
      `verify needs one URL, such as http://127.0.0.1:8080/pooled, or one of the arms here: ${here}.`,
    ])
  }
  const testbed = await choice.open([name], (warning) => void process.stderr.write(`${warning}\n`))
  try {
    await testbed.databaseOf(arm)?.recreate()
    const opened = await testbed.open(arm)
    try {
      return await verifyAt(opened.url)
    } finally {
      await opened.close()
    }
  } finally {
    await testbed.close()
  }
}

async function verifyAt(url: string): Promise<number> {
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
