import { readFile } from 'node:fs/promises'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Run } from '../measurement/run.ts'

const maybeNumber = Type.Union([Type.Number(), Type.Null()])

/** One reference run, in or out of the tree. */
export const LedgerRow = Type.Object({
  startedAt: Type.String(),
  folder: Type.String(),
  host: Type.String(),
  testbed: Type.String(),
  profile: Type.String(),
  commit: Type.Union([Type.String(), Type.Null()]),
  trials: Type.Integer(),
  asked: Type.String(),
  arms: Type.Array(
    Type.Object({
      arm: Type.String(),
      users: maybeNumber,
      interval: Type.Union([Type.Tuple([maybeNumber, maybeNumber]), Type.Null()]),
      ceilingPerS: maybeNumber,
    }),
  ),
  rule: Type.Union([Type.Literal('in'), Type.Literal('out')]),
})
export type LedgerRow = Static<typeof LedgerRow>

/** What a like run shares: what was measured how, on which machine. */
export function likenessOf(
  run: Pick<Run, 'configuration' | 'environment'>,
): Pick<LedgerRow, 'host' | 'testbed' | 'asked'> {
  const { host, testbed } = run.environment
  const { seed: _, arms: __, profile: ___, ...asked } = run.configuration
  return {
    host: `${host.cores} × ${host.cpuModel ?? 'unknown CPU'}`,
    testbed,
    asked: JSON.stringify(asked),
  }
}

/** Crossings of each arm in the runs of the ledger that are like this one and were begun before it. */
export async function earlierRuns(path: string, run: Run): Promise<Map<string, number[]>> {
  const text = await readFile(path, 'utf8').catch(() => '[]')
  const rows: unknown = JSON.parse(text)
  const { host, testbed, asked } = likenessOf(run)
  const found = new Map<string, number[]>()
  for (const row of Array.isArray(rows) ? rows : []) {
    if (!Value.Check(LedgerRow, row)) throw new Error(`${path}: a row is not as it must be.`)
    const like = row.host === host && row.testbed === testbed && row.asked === asked
    if (!like || row.startedAt >= run.startedAt) continue
    for (const { arm, users } of row.arms)
      if (users !== null) found.set(arm, [...(found.get(arm) ?? []), users])
  }
  return found
}
