import type { Environment } from '../measurement/environment.ts'

/** Where the figures come from and whether the parts had to compete: on every table. */
export function testbedLine({
  label,
  testbed,
  host,
  limitCores,
  oversubscribed,
}: Environment): string {
  const machine = `a ${host.cores}-core host`
  const where = label.startsWith(testbed) ? label : `${testbed}: ${label}`
  if (limitCores === null) return `${where}; no CPU limits on ${machine}: all parts compete`
  const sum = `limits add up to ${Number(limitCores.toFixed(2))} cores on ${machine}`
  return `${where}; ${sum}${oversubscribed ? ': the parts compete' : ''}`
}
