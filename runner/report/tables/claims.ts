import { distances, distancesText, predictions } from '../../analysis/claims/predictions.ts'
import { LEAST_TRIALS } from '../../analysis/statistics/trials.ts'
import type { Run } from '../../measurement/run.ts'
import type { Studied } from '../../measurement/study.ts'
import { type Claim, type ClaimKind, quotedIn } from '../../measurement/verdict.ts'
import { capital, cell, type Cell, NONE, type Sheet, type Tone } from '../sheet.ts'

const VERDICTS: Readonly<Record<Claim['verdict'], { mark: string; tone: Tone }>> = {
  reproduced: { mark: '✓', tone: 'good' },
  'not reproduced': { mark: '✗', tone: 'bad' },
  inconclusive: { mark: '?', tone: 'muted' },
}

/** Each statement of the study beside what was seen here. */
export function claimsSheet(run: Studied<Run>): Sheet {
  const name = run.study?.name ?? 'the study'
  const shared = sharedReason(run.claims)
  const kind = kindsOf(run.claims)
  return {
    title: `Verdict: what ${name} says, and what was seen here`,
    notes: notesOf(run),
    columns: [
      { head: 'verdict', kind: 'name' },
      { head: name, kind: 'prose' },
      { head: 'seen here', kind: 'prose' },
      ...(shared === null ? [{ head: 'why', kind: 'prose' } as const] : []),
    ],
    rows: run.claims.map((claim) => [
      verdictCell(claim, shared),
      cell(`${kind(claim)}${claim.statement}\n(${quotedIn(claim)})`),
      cell(claim.ours),
      ...(shared === null ? [cell(claim.reason)] : []),
    ]),
  }
}

/** What a conclusion is and a figure, and what is said without evidence: no run is held against that. */
function notesOf(run: Studied<Run>): string[] {
  const { study, claims } = run
  const has = (kind: Claim['kind']) => claims.some((claim) => claim.kind === kind)
  return [
    ...[tally(run), figuresText(run)].filter((text) => text !== ''),
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
  const shared = sharedReason(run.claims)
  const kind = kindsOf(run.claims)
  const [source, here, why] = lined([run.study?.id ?? 'study', 'here', 'why'])
  return {
    ...claimsSheet(run),
    columns: [
      { head: 'verdict', kind: 'name' },
      { head: 'claim', kind: 'prose' },
    ],
    rows: run.claims.map((claim) => [
      verdictCell(claim, shared),
      cell(
        `${kind(claim)}${claim.statement}\n${source}${quotedIn(claim)}\n${here}${claim.ours}` +
          (shared === null ? `\n${why}${claim.reason}` : ''),
      ),
    ]),
  }
}

/** Labels of lines under each other, each as wide as the longest. */
function lined(labels: readonly string[]): string[] {
  const width = Math.max(...labels.map(({ length }) => length)) + 2
  return labels.map((label) => `${label}:`.padEnd(width))
}

/** Why no claim was judged, where one reason holds for all: it stands in a note, once. */
function sharedReason(claims: readonly Claim[]): string | null {
  const [first, ...others] = claims
  if (!first?.provisional || others.some(({ reason }) => reason !== first.reason)) return null
  return first.reason
}

function verdictCell({ verdict }: Claim, shared: string | null): Cell {
  if (shared !== null) return cell(NONE, 'muted')
  const { mark, tone } = VERDICTS[verdict]
  return cell(`${mark} ${verdict}`, tone)
}

/** What kind of claim each is, where there are several kinds. */
function kindsOf(claims: readonly Claim[]): (claim: Claim) => string {
  if (new Set(claims.map(({ kind }) => kind)).size < 2) return () => ''
  return ({ kind }) => (kind === undefined ? '' : `${capital(kind)}: `)
}

/** How many claims of the study have which verdict, or why none has. */
export function tally({ claims, study }: Studied<Pick<Run, 'claims'>>): string {
  if (claims.length === 0) return ''
  const of = `Of the ${claims.length} claims of ${study?.name ?? 'the study'} that these arms can test${kindsText(claims)}`
  const shared = sharedReason(claims)
  if (shared !== null) return `${of} none is judged: ${shared}`
  const count = (verdict: string) => claims.filter((claim) => claim.verdict === verdict).length
  const are = (verdict: string) =>
    `${count(verdict)} ${count(verdict) === 1 ? 'is' : 'are'} ${verdict}`
  const provisional = claims.filter((claim) => claim.provisional).length
  const few =
    provisional > 0
      ? `, ${provisional} since fewer than ${LEAST_TRIALS} trials have the figure`
      : ''
  return `${of} ${are('reproduced')}, ${are('not reproduced')} (corrected for their number, Holm), ${are('inconclusive')}${few}`
}

/** Older runs, judged by nobody since, have no kinds. */
function kindsText(claims: readonly Claim[]): string {
  const of = (kind: ClaimKind) => claims.filter((claim) => claim.kind === kind).length
  const [conclusions, figures] = [of('conclusion'), of('figure')]
  const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
  const said = [
    ...(conclusions > 0 ? [counted(conclusions, 'conclusion')] : []),
    ...(figures > 0 ? [counted(figures, 'figure')] : []),
  ]
  return said.length === 0 ? '' : ` (${said.join(', ')})`
}

/** How far its figures are, on hosts of its speed; elsewhere, what tests them. */
function figuresText(run: Studied<Run>): string {
  const { study } = run
  if (!study) return ''
  const off = distances(predictions(run) ?? [], study)
  if (off.length > 0) return `its figures, on hosts of its speed: ${distancesText(off)}`
  const own = Object.values(study.arms)
  if (run.configuration.arms.some(({ name }) => own.includes(name))) return ''
  return `its figures are tested by \`${study.ownCommand}\``
}
