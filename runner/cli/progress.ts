import { responseMs } from '../analysis/crossing/estimate.ts'
import type { ExperimentEvent, Listener } from '../experiment/trial.ts'
import { printableLine } from '../foreign/printable.ts'
import { errorClasses } from '../measurement/figures.ts'
import type { Stage } from '../measurement/stage.ts'
import { formatDuration } from '../plan/plan.ts'

/** Where progress is shown: a terminal, on which a line may be overwritten, or a log. */
export type ProgressOutput = Readonly<{
  isTerminal: boolean
  columns: number
  write(text: string): void
}>

const LOG_EVERY_MS = 5_000

/**
 * Shows how far the experiment is: one live line on a terminal, a line every few seconds in a log. It
 * listens only: nothing that is measured depends on it.
 *
 * @param estimatedMs of all trials to come, corrected by what the trials take that are over
 * @param now ms on the monotonic clock
 */
export function startProgress(
  output: ProgressOutput,
  estimatedMs: number,
  now: () => number,
): Listener {
  const startedMs = now()
  let [trial, stage, loggedMs] = ['', '', startedMs]
  let [stageEndsMs, endsMs] = [startedMs, startedMs + estimatedMs]
  let [trialsOver, trialsAfter] = [0, 0]

  const line = (text: string): void => {
    output.write(`${output.isTerminal ? '\r\u001B[2K' : ''}${printableLine(text)}\n`)
  }
  const live = (text: string, cores: readonly string[] = []): void => {
    const leftMs = endsMs - now()
    const left =
      leftMs > 0 ? `about ${formatDuration(leftMs)} left` : 'takes longer than was estimated'
    const head = printableLine(`${trial}${stage}: ${text}`)
    if (output.isTerminal) {
      output.write(`\r\u001B[2K${fitted(head, left, cores, output.columns - 1)}`)
    } else if (now() - loggedMs >= LOG_EVERY_MS) {
      loggedMs = now()
      output.write(`${fitted(head, left, cores, Infinity)}\n`)
    }
  }
  return (event) => {
    switch (event.kind) {
      case 'trial-started':
        trial = `[${event.trial.order + 1}/${event.of}] ${event.trial.arm}`
        stage = ''
        trialsAfter = event.after
        live('fresh database, contract check')
        return
      case 'pilot-started':
        live(`fitting the hosts again, by ${event.arm}`)
        return
      case 'hosts-fitted': {
        const { speed, pilot, pilotProblem } = event.hosts
        const seen = pilot
          ? `with ${pilot.speed} of a core the fitted arm serves ${pilot.ceilingPerS.toFixed(0)} requests/s`
          : `the pilot failed (${pilotProblem})`
        line(`${trial}: ${seen}; this trial has ${speed}`)
        live('fresh database, contract check')
        return
      }
      case 'contract-failed':
        line(`${trial} breaks the contract and is not measured:`)
        for (const { name, expected, got, remedy } of event.failures) {
          line(`  ${name}: expected ${expected}, got ${got}. ${remedy}`)
        }
        return
      case 'stage-started':
        stage = ` ${event.stageKind === 'probe' ? 'probe ' : ''}${event.users} users`
        stageEndsMs = now() + event.lengthMs
        live(`${formatDuration(event.lengthMs)} to go`)
        return
      case 'reading':
        live(`${formatDuration(Math.max(0, stageEndsMs - now()))} to go`, cpuNow(event))
        return
      case 'stage-ended':
        line(`${trial}${stage}: ${summary(event.stage)}`)
        return
      case 'trial-ended':
        trialsOver += 1
        endsMs = now() + ((now() - startedMs) / trialsOver) * trialsAfter
        if (event.trial.problem !== undefined) line(`${trial}: ${event.trial.problem}`)
    }
  }
}

/** In one line of so many characters: the time left is never cut; of the cores as many as there is room for. */
function fitted(head: string, left: string, cores: readonly string[], room: number): string {
  const line = `${head} · ${left}`
  if (line.length > room)
    return `${head.slice(0, Math.max(0, room - left.length - 4))}… · ${left}`.slice(-room)
  const lines = cores.map((_, at) => `${line} · cores: ${cores.slice(0, at + 1).join(', ')}`)
  return lines.findLast(({ length }) => length <= room) ?? line
}

function summary(stage: Stage): string {
  const { all, outcomes, validity } = stage
  const figures = `${all.throughputPerS.toFixed(1)}/s, mean ${ms(responseMs(stage, 'mean'))}, p95 ${ms(responseMs(stage, 'p95'))}`
  const failed = outcomes.failed > 0 ? `, ${outcomes.failed} failed (${errorClasses(all)})` : ''
  const invalid = validity.valid
    ? ''
    : ` INVALID: ${validity.reasons.map((reason) => reason.text).join('; ')}`
  return figures + failed + invalid
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(1)} ms`
}

/** Cores that each part used since the reading before. */
function cpuNow({ reading, before }: Extract<ExperimentEvent, { kind: 'reading' }>): string[] {
  return (['app', 'db', 'nginx', 'runner'] as const).flatMap((part) => {
    const [now, then] = [reading[part], before[part]]
    if (now === undefined || then === undefined || now.atMs <= then.atMs) return []
    const cores = (now.cpuUs - then.cpuUs) / (1000 * (now.atMs - then.atMs))
    return [`${part} ${cores.toFixed(2)}`]
  })
}
