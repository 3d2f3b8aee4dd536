import type { Run } from '../../measurement/run.ts'
import type { Studied } from '../../measurement/study.ts'
import { type Claim, quotedIn } from '../../measurement/verdict.ts'
import { testbedLine } from '../headline.ts'
import { capital, cell, type Cell, NONE, type Sheet, type Tone } from '../sheet.ts'

const VERDICTS: Readonly<Record<Claim['verdict'], { mark: string; tone: Tone }>> = {
  reproduced: { mark: '✓', tone: 'good' },
  'not reproduced': { mark: '✗', tone: 'bad' },
  inconclusive: { mark: '?', tone: 'muted' },
}

/** Each statement of the study beside what was seen here. */
export function claimsSheet(run: Studied<Run>): Sheet {
  const name = run.study?.name ?? 'the study'
  return {
    title: `Verdict: what ${name} says, and what was seen here`,
    notes: notesOf(run),
    columns: [
      { head: 'verdict', kind: 'name' },
      { head: 'kind', kind: 'name' },
      { head: name, kind: 'prose' },
      { head: 'must hold here', kind: 'prose' },
      { head: 'seen here', kind: 'prose' },
      { head: 'why', kind: 'prose' },
    ],
    rows: run.claims.map((claim) => [
      verdictCell(claim),
      cell(claim.kind ?? NONE),
      cell(`${claim.statement}\n(${quotedIn(claim)})`),
      cell(claim.predicate),
      cell(claim.ours),
      cell(claim.reason),
    ]),
  }
}

/** What a conclusion is and a figure, and what is said without evidence: no run is held against that. */
function notesOf(run: Studied<Run>): string[] {
  const { study, claims } = run
  const has = (kind: Claim['kind']) => claims.some((claim) => claim.kind === kind)
  return [
    testbedLine(run),
    ...(has('conclusion')
      ? ['conclusion: judged on any arms that differ in their connections alone, on any hosts']
      : []),
    ...(has('figure') ? [`figure: judged on the arms of ${study?.name ?? 'the study'} alone`] : []),
    ...(study?.registration.noEvidence ?? []).map(
      ({ statement, quoted, reason }) =>
        `no evidence: ${statement.replace(/\.$/, '')} (${quoted}): ${reason}`,
    ),
  ]
}

/** The same for a narrow page: the figures and the reason stand under the statement. */
export function narrowClaimsSheet(run: Studied<Run>): Sheet {
  const [source, here, why] = lined([run.study?.id ?? 'study', 'here', 'why'])
  return {
    ...claimsSheet(run),
    columns: [
      { head: 'verdict', kind: 'name' },
      { head: 'claim', kind: 'prose' },
    ],
    rows: run.claims.map((claim) => [
      verdictCell(claim),
      cell(
        `${claim.kind === undefined ? '' : `${capital(claim.kind)}: `}${claim.statement}\n${source}${quotedIn(claim)}\n${here}${claim.ours}\n${why}${claim.reason}`,
      ),
    ]),
  }
}

/** Labels of lines under each other, each as wide as the longest. */
function lined(labels: readonly string[]): string[] {
  const width = Math.max(...labels.map(({ length }) => length)) + 2
  return labels.map((label) => `${label}:`.padEnd(width))
}

function verdictCell({ verdict }: Claim): Cell {
  const { mark, tone } = VERDICTS[verdict]
  return cell(`${mark} ${verdict}`, tone)
}
