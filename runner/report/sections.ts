import { decisionTexts } from '../analysis/factors/decisions.ts'
import { costText, type FactorView, factorViews } from '../analysis/factors/levels.ts'
import { armNames } from '../analysis/levels.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied, Study } from '../measurement/study.ts'
import { againCommand } from '../plan/options.ts'
import { method, remarks } from './method.ts'
import { type Block, capital, type Form, type Section } from './sheet.ts'
import { armSheet } from './tables/arm.ts'
import { busyCostSheet, costSheet } from './tables/cost.ts'
import { claimsSheet, narrowClaimsSheet } from './tables/claims.ts'
import { crossingsSheet } from './tables/crossings.ts'
import { endpointsSheet } from './tables/endpoints.ts'
import { environmentSheet } from './tables/environment.ts'
import { factorsSheet, levelSheets } from './tables/factors.ts'
import { rampSheet } from './tables/ramp.ts'
import { predictedSheets, studyFiguresSheets } from './tables/study-figures.ts'
import { validitySheet } from './tables/validity.ts'

/** The report in order: all arms at a glance, the verdict, and how to do it again last. Every form follows it. */
export const SECTIONS: readonly Section[] = [
  {
    id: 'picture',
    short: 'Picture',
    title: 'Where each arm reaches the threshold',
    forms: ['page'],
    blocks: (run) => (isVaried(run) ? [] : [{ charts: 'answer' }]),
  },
  {
    id: 'factor',
    short: 'What it costs',
    title: 'What it costs',
    brief: true,
    blocks: (run) => {
      const views = factorViews(run)
      if (views.length === 0) return []
      return [
        { charts: 'factor' },
        { tables: levelSheets(run) },
        { remarks: views.flatMap(costOf) },
      ]
    },
  },
  {
    id: 'ramp',
    short: 'Ramp',
    brief: true,
    blocks: (run) => [{ tables: [rampSheet(run)] }],
  },
  {
    id: 'verdict',
    short: 'Verdict',
    blocks: (run, form) => {
      if (run.claims.length === 0) return []
      return [{ tables: [form === 'terminal' ? narrowClaimsSheet(run) : claimsSheet(run)] }]
    },
  },
  {
    id: 'predicted',
    short: 'Predicted',
    forms: ['terminal', 'markdown'],
    blocks: (run) => [{ tables: predictedSheets(run) }],
  },
  {
    id: 'decides',
    short: 'What decides',
    blocks: (run) => {
      const factors = factorsSheet(run)
      if (factors === null) return []
      return [{ remarks: decisionTexts(run) }, { charts: 'decision' }, { tables: [factors] }]
    },
  },
  {
    id: 'crossing',
    short: 'Crossing',
    detail: true,
    blocks: (run) => (run.crossings.length === 0 ? [] : [{ tables: [crossingsSheet(run)] }]),
  },
  {
    id: 'charts',
    short: 'Charts',
    title: 'More charts',
    forms: ['markdown', 'page'],
    detail: true,
    blocks: (run) => [
      ...(isVaried(run) ? [{ charts: 'answer' } as const] : []),
      { charts: 'arms' },
    ],
  },
  {
    id: 'cost',
    short: 'Cost',
    detail: true,
    blocks: (run) => [{ tables: [costSheet(run), busyCostSheet(run)] }],
  },
  {
    id: 'stages',
    short: 'Stages',
    title: 'Each arm, stage by stage',
    detail: true,
    blocks: (run) => [{ tables: armNames(run).map((arm) => armSheet(run, arm)) }],
  },
  {
    id: 'trials',
    short: 'Trials',
    title: 'Each trial as it went',
    forms: ['page'],
    detail: true,
    blocks: () => [{ charts: 'trial' }],
  },
  {
    // On a page they would be half of it, and stages.csv has them.
    id: 'endpoints',
    short: 'Endpoints',
    title: 'By endpoint',
    forms: ['terminal'],
    blocks: (run) => [{ tables: armNames(run).map((arm) => endpointsSheet(run, arm)) }],
  },
  {
    // A page has room for them also where nothing is predicted, after our own figures.
    id: 'study',
    short: 'Study',
    ofStudy: true,
    forms: ['page'],
    detail: true,
    blocks: (run) => [{ tables: studyFiguresSheets(run) }],
  },
  {
    id: 'validity',
    short: 'Validity',
    title: 'Validity',
    detail: true,
    blocks: (run) => [{ tables: [validitySheet(run)] }, { remarks: remarks(run) }],
  },
  {
    id: 'environment',
    short: 'Environment',
    forms: ['markdown', 'page'],
    detail: true,
    blocks: (run) => [{ tables: [environmentSheet(run)] }],
  },
  {
    id: 'method',
    short: 'Method',
    title: 'Method',
    forms: ['markdown', 'page'],
    detail: true,
    blocks: (run) => [{ remarks: method(run) }],
  },
  {
    id: 'again',
    short: 'Again',
    title: 'Run it again',
    forms: ['markdown', 'page'],
    blocks: (run) => [{ command: againCommand(run) }],
  },
]

const isVaried = (run: Studied<Run>): boolean => factorViews(run).length > 0

/** What its levels cost beyond the users that they serve, which the answer has. */
function costOf(view: FactorView): string[] {
  const text = costText(view)
  return text === '' ? [] : [`${view.factor} (${view.from}):${text}`]
}

/** A section of one run in one form, with all of its blocks that have something in them. */
export type ShownSection = Omit<Section, 'blocks'> & Readonly<{ blocks: readonly Block[] }>

/** The sections of a run that a form has, in order; a section with nothing in it is left out. */
export function sectionsOf(run: Studied<Run>, form: Form): ShownSection[] {
  return SECTIONS.flatMap((section) => {
    if (section.forms?.includes(form) === false) return []
    const blocks = section.blocks(run, form).filter(hasContent)
    if (blocks.length === 0) return []
    const names = section.ofStudy && run.study ? namedAfter(run.study) : {}
    return [{ ...section, ...names, blocks }]
  })
}

const namedAfter = ({ id }: Study) => ({ id, short: capital(id) })

const hasContent = (block: Block): boolean =>
  Object.values(block).some((content) => content.length > 0)
