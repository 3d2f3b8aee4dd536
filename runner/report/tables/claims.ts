import type { Run } from '../../measurement/run.ts'
import type { Claim } from '../../measurement/verdict.ts'
import { testbedLine } from '../headline.ts'
import { cell, type Cell, type Sheet, type Tone } from '../sheet.ts'

const VERDICTS: Readonly<Record<Claim['verdict'], { mark: string; tone: Tone }>> = {
  reproduced: { mark: '✓', tone: 'good' },
  'not reproduced': { mark: '✗', tone: 'bad' },
  inconclusive: { mark: '?', tone: 'muted' },
}

/** Each statement of the article beside what was seen here. */
export function claimsSheet(run: Run): Sheet {
  return {
    title: 'Verdict: what the article says, and what was seen here',
    notes: [testbedLine(run)],
    columns: [
      { head: 'verdict', kind: 'name' },
      { head: 'the article', kind: 'prose' },
      { head: 'must hold here', kind: 'prose' },
      { head: 'seen here', kind: 'prose' },
      { head: 'why', kind: 'prose' },
    ],
    rows: run.claims.map((claim) => [
      verdictCell(claim),
      cell(`${claim.statement}\n(${claim.article})`),
      cell(claim.predicate),
      cell(claim.ours),
      cell(claim.reason),
    ]),
  }
}

/** The same for a narrow page: the figures and the reason stand under the statement. */
export function narrowClaimsSheet(run: Run): Sheet {
  return {
    ...claimsSheet(run),
    columns: [
      { head: 'verdict', kind: 'name' },
      { head: 'claim', kind: 'prose' },
    ],
    rows: run.claims.map((claim) => [
      verdictCell(claim),
      cell(
        `${claim.statement}\narticle: ${claim.article}\nhere:    ${claim.ours}\nwhy:     ${claim.reason}`,
      ),
    ]),
  }
}

function verdictCell({ verdict }: Claim): Cell {
  const { mark, tone } = VERDICTS[verdict]
  return cell(`${mark} ${verdict}`, tone)
}
