import { parseTarget, withoutCredentials } from '../foreign/address.ts'
import { printable, printableLine } from '../foreign/printable.ts'
import { ReadError } from '../foreign/read.ts'
import type { Arm } from '../plan/arms.ts'
import type { ContractFailure } from '../measurement/trial.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { unknownArms } from './nearest.ts'
import { UsageError } from './options.ts'
import { contractSuite } from './prepare.ts'
import { chooseTestbed, scenarioOf, type TestbedChoice } from './testbeds.ts'

/**
 * `verify URL` or `verify ARM`: runs the contract's suite and says what fails and how to fix it. An arm
 * gets a recreated database first, as before a trial.
 */
export async function verify(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [given = '', ...more] = args
  if (more.length > 0) throw new UsageError(['verify takes one URL, or the name of one arm.'])
  if (/^[a-z0-9-]*$/.test(given)) return await verifyArm(given, env)
  const target = parseTarget(given)
  if ('fault' in target) throw new UsageError([`verify: ${target.fault}, or the name of an arm.`])
  return await verifyAt(target.url, await scenarioOf(env, { runsElsewhere: true }))
}

async function verifyArm(name: string, env: NodeJS.ProcessEnv): Promise<number> {
  const choice = await chooseTestbed({ targets: [], databaseUrl: null }, env)
  const arm = choice.arms.find((each) => each.name === name)
  if (arm === undefined) {
    const needs =
      'verify needs one URL, such as http://127.0.0.1:8080/pooled, or the name of an arm'
    const inCompose = (word: string) =>
      `ARMS=${word} docker compose run --rm --build bench verify ${word}`
    const faults = unknownArms(name === '' ? [] : [name], withoutGroups(choice), inCompose)
    throw new UsageError(
      faults.length > 0
        ? faults.map((fault) => `verify ${name}: ${fault}`)
        : [`${needs}: ${choice.arms.map((each) => each.name).join(', ')}.`],
    )
  }
  const say = (text: string): void => void process.stderr.write(`${printable(text)}\n`)
  const testbed = await choice.open([name], { warn: say, say })
  try {
    await testbed.databaseOf(arm)?.recreate()
    const opened = await testbed.open(arm)
    try {
      return await verifyAt(opened.url, choice.scenario)
    } finally {
      await opened.close()
    }
  } finally {
    await testbed.close()
  }
}

/** One arm is verified, so that the name of a group is none. */
function withoutGroups({ arms, containerOnly = [] }: TestbedChoice) {
  const alone = (each: readonly Arm[]) => each.map((arm) => ({ ...arm, groups: [] }))
  return { arms: alone(arms), containerOnly: alone(containerOnly) }
}

async function verifyAt(url: string, scenario: Scenario): Promise<number> {
  const shown = withoutCredentials(url)
  const count = scenario.contract?.cases.length ?? 0
  process.stderr.write(
    `Asking ${shown}: ${count} cases, 10 s each at most; three in a row without an answer end it.\n`,
  )
  const suite = contractSuite(scenario)
  let failures: ContractFailure[]
  try {
    failures = await suite(url, progress(count))
  } catch (cause) {
    if (!(cause instanceof ReadError)) throw cause
    // oxlint-disable-next-line preserve-caught-error -- its whole message is in this one
    throw new Error(`${shown} does not answer: ${cause.message}.`)
  }
  for (const { name, expected, got, remedy } of failures) {
    const text = `expected ${expected}\n  got      ${printableLine(got)}\n  ${remedy}`
    process.stdout.write(`FAIL ${printableLine(name)}\n  ${text}\n`)
  }
  // A journey by the load's own client comes after the cases, and only once they hold.
  const isJourney = failures.some(({ name }) => name.includes('as the load sends it'))
  const passed = count - (isJourney ? 0 : failures.length)
  const journey = isJourney ? ', but the load could not use it' : ''
  process.stdout.write(`${passed} of ${count} cases of the contract hold at ${shown}${journey}.\n`)
  return failures.length === 0 ? 0 : 1
}

const EVERY_MS = 2_000

/** A line now and then, where the service takes its time. */
function progress(count: number): (number: number) => void {
  let writtenMs = performance.now()
  return (number) => {
    if (performance.now() - writtenMs < EVERY_MS) return
    writtenMs = performance.now()
    process.stderr.write(`Case ${number} of ${count} …\n`)
  }
}
