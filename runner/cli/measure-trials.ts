import { runExperiment } from '../experiment/experiment.ts'
import type { Judgement, Listener } from '../experiment/trial.ts'
import type { Loaders } from '../load/loaders.ts'
import type { StudyHosts } from '../measurement/study.ts'
import type { RunFile } from '../results/run-folder.ts'
import type { Clock } from '../experiment/clock.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Testbed } from '../testbed/testbed.ts'
import type { busyMachine } from './busy-machine.ts'
import { coresToShare } from './hosts.ts'
import type { PreparedRun } from './resume.ts'
import { say } from './screen.ts'
import { notesOf } from './trial-notes.ts'

type Measuring = Readonly<{
  testbed: Testbed
  scenario: Pick<Scenario, 'journey' | 'source'>
  beforeTrial?: string | null | undefined
  loaders: Loaders | null
  /** The hosts of a study, where those of the run are fitted to be as fast. */
  studied?: StudyHosts | undefined
  clock: Clock
  judgement: Judgement
  idleDelayP99Ms: number
  tell: Listener
  signal: AbortSignal
  machine: Pick<ReturnType<typeof busyMachine>, 'after'>
}>

/** Measures what is still to be measured, and keeps each trial in the files of the run as it ends. */
export async function measureTrials(
  file: RunFile,
  { trials, resumed }: Pick<PreparedRun, 'trials' | 'resumed'>,
  { machine, ...measuring }: Measuring,
): Promise<Readonly<{ isWhole: boolean }>> {
  const { configuration, environment } = file.run()
  const cores = coresToShare(measuring.testbed, environment.host.cores)
  const done = resumed?.trials ?? []
  const { keepStage: keep, warn } = file
  const setting = { ...measuring, configuration, cores, trials, done, keep, warn }
  for await (const trial of runExperiment(setting)) {
    await file.keepTrial(trial)
    for (const note of notesOf(trial, configuration.answers === 'whole')) {
      say(note)
      await file.warn(note)
    }
    const isFirst = trial.order === trials[0]?.order
    // Whoever was asked did not want the rest.
    if (isFirst && trials.length > 1 && !(await machine.after(trial))) return { isWhole: false }
  }
  return { isWhole: !measuring.signal.aborted }
}
