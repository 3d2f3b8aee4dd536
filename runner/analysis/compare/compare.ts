import { capacityRows } from './capacity-rows.ts'
import type { Comparison } from './comparison.ts'
import { costRow } from './cost-row.ts'
import { sideDifferences } from './differences.ts'
import { hostRow } from './host-row.ts'
import { refusals } from './refusals.ts'
import { measuredArms, pooled, trialsOf, type Side } from './side.ts'
import { stepRows } from './step-rows.ts'

/**
 * Two independent sides: what differs in what they stand on, then the ratio b / a of every figure of the
 * arms that both have (welch.ts). The sides were not interleaved in time, so nothing is paired.
 *
 * @returns the reasons, with their remedies, where the sides cannot be compared
 */
export function compare(a: Side, b: Side): Comparison | { readonly refused: readonly string[] } {
  const refused = refusals(a, b)
  if (refused.length > 0) return { refused }
  const [one, other] = [pooled(a), pooled(b)]
  const there = new Set(measuredArms(other))
  return {
    differences: sideDifferences(a, b),
    arms: measuredArms(one)
      .filter((arm) => there.has(arm))
      .map((arm) => {
        const sides = [trialsOf(one, arm), trialsOf(other, arm)] as const
        const rows = [
          costRow('app', sides),
          costRow('db', sides),
          ...hostRow(sides),
          ...stepRows(sides),
        ]
        return { arm, rows: [...capacityRows(one, other, arm), ...rows] }
      }),
  }
}
