import type { Run } from '../../measurement/run.ts'
import { analyse } from '../analyse.ts'
import { madeUpRun, MADE_UP_MODELS } from './made-up-run.ts'
import type { Model } from './made-up-stage.ts'

/** How many times slower than the reference service each framework is made up to be. */
const SLOWER = { '': 1, 'fastapi-': 5, 'django-': 6 } as const

/** MADE UP: frameworks crossed with modes, of which Django has no pool. */
export function madeUpGrid(
  asked: {
    readonly trials?: number
    readonly change?: Readonly<Record<string, Partial<Model>>>
  } = {},
): Run {
  const models = Object.entries(SLOWER).flatMap(([framework, times]) =>
    Object.entries(MADE_UP_MODELS).map(([mode, model]): [string, Model] => {
      const { ceilingPerS, appUs } = model
      const slower = { ...model, ceilingPerS: ceilingPerS / times, appUs: appUs * times }
      return [`${framework}${mode}`, { ...slower, ...asked.change?.[`${framework}${mode}`] }]
    }),
  )
  const run = madeUpRun({
    trials: asked.trials ?? 1,
    models: Object.fromEntries(models.filter(([arm]) => arm !== 'django-pooled')),
  })
  return { ...run, ...analyse(run) }
}
