import jstat from 'jstat'

/** Two-sided critical value of Student's t: |t| stays below it with probability `confidence`. */
export function studentT(confidence: number, degreesOfFreedom: number): number {
  return jstat.jStat.studentt.inv(0.5 + confidence / 2, degreesOfFreedom)
}
