import { decisionTexts } from '../analysis/factors/decisions.ts'
import { factorText, factorViews } from '../analysis/factors/levels.ts'
import { armNames } from '../analysis/levels.ts'
import type { Run } from '../measurement/run.ts'
import type { Studied, Study } from '../measurement/study.ts'
import { againCommand } from '../plan/options.ts'
import { method, remarks } from './headline.ts'
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
    id: 'ramp',
    short: 'Ramp',
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
    id: 'crossing',
    short: 'Crossing',
    blocks: (run) =>
      run.crossings.length === 0
        ? []
        : [{ tables: [crossingsSheet(run)] }, { answers: run.crossings.map(({ text }) => text) }],
  },
  {
    id: 'factor',
    short: 'What it costs',
    title: 'What it costs',
    blocks: (run) => {
      const views = factorViews(run)
      if (views.length === 0) return []
      return [
        { answers: views.map(factorText) },
        { charts: 'factor' },
        { tables: levelSheets(run) },
      ]
    },
  },
  {
    id: 'decides',
    short: 'What decides',
    blocks: (run) => {
      const factors = factorsSheet(run)
      if (factors === null) return []
      return [{ answers: decisionTexts(run) }, { charts: 'decision' }, { tables: [factors] }]
    },
  },
  {
    id: 'charts',
    short: 'Charts',
    title: 'Charts',
    forms: ['markdown', 'page'],
    blocks: () => [{ charts: 'arms' }],
  },
  {
    id: 'stages',
    short: 'Stages',
    title: 'Each arm, stage by stage',
    blocks: (run) => [{ tables: armNames(run).map((arm) => armSheet(run, arm)) }],
  },
  {
    id: 'cost',
    short: 'Cost',
    blocks: (run) => [{ tables: [costSheet(run), busyCostSheet(run)] }],
  },
  {
    id: 'trials',
    short: 'Trials',
    title: 'Each trial as it went',
    forms: ['page'],
    blocks: () => [{ charts: 'trial' }],
  },
  {
    id: 'endpoints',
    short: 'Endpoints',
    title: 'By endpoint',
    forms: ['terminal', 'page'],
    detail: true,
    blocks: (run) => [{ tables: armNames(run).map((arm) => endpointsSheet(run, arm)) }],
  },
  {
    // A page has room for them also where nothing is predicted, after our own figures.
    id: 'study',
    short: 'Study',
    ofStudy: true,
    forms: ['page'],
    blocks: (run) => [{ tables: studyFiguresSheets(run) }],
  },
  {
    id: 'validity',
    short: 'Validity',
    title: 'Validity',
    blocks: (run) => [{ tables: [validitySheet(run)] }, { remarks: remarks(run) }],
  },
  {
    id: 'environment',
    short: 'Environment',
    forms: ['markdown', 'page'],
    blocks: (run) => [{ tables: [environmentSheet(run)] }],
  },
  {
    id: 'method',
    short: 'Method',
    title: 'Method',
    forms: ['markdown', 'page'],
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
