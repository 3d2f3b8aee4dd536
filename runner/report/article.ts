import type { Run } from '../measurement/run.ts'
import { articleRampChart } from './charts/article-ramp.ts'
import type { Chart } from './charts/theme.ts'
import type { Section } from './sheet.ts'
import { articleFiguresSheet, articleJudged, isOfArticle } from './tables/article-figures.ts'
import { claimsSheet, narrowClaimsSheet } from './tables/claims.ts'

// All that a report says of the article, each part with its place in sections.ts or charts.ts.

/** A run whose arms are none of the article's judges no claim of it. */
export const articleVerdict: Section = {
  id: 'verdict',
  short: 'Verdict',
  blocks: (run, form) => {
    if (run.claims.length === 0) return []
    return [{ tables: [form === 'terminal' ? narrowClaimsSheet(run) : claimsSheet(run)] }]
  },
}

/** Beside the verdict, where the figures are predictions. */
export const articlePredicted: Section = {
  id: 'article-predicted',
  short: 'Article',
  forms: ['terminal', 'markdown'],
  blocks: (run) => (articleJudged(run) ? [{ tables: [articleFiguresSheet(run)] }] : []),
}

/** A page has room for them also where nothing is predicted, after our own figures. */
export const articleFigures: Section = {
  id: 'article',
  short: 'Article',
  forms: ['page'],
  blocks: (run) => (isOfArticle(run) ? [{ tables: [articleFiguresSheet(run)] }] : []),
}

export function articleCharts(run: Run): Chart[] {
  const ramp = articleRampChart(run)
  return ramp ? [ramp] : []
}
