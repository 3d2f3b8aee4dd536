import type { Second } from '../measurement/figures.ts'
import type { ScenarioSource } from '../scenario/scenario.ts'
import type { ClosedOptions } from './closed.ts'
import type { SignIns, Users } from './load.ts'
import type { PackedWindow } from './loaders-merge.ts'
import type { OrderTotals } from './orders.ts'

/** What a loader is asked for. Functions do not travel: it reads its scenario again. */
export type Ask =
  | Readonly<{ kind: 'idle-delay' }>
  | Readonly<{ kind: 'start'; options: Omit<ClosedOptions, 'journey'>; scenario: ScenarioSource }>
  | Readonly<{ kind: 'apply'; level: Users }>
  | Readonly<{ kind: 'open-window' }>
  | Readonly<{ kind: 'close-window' }>
  | Readonly<{ kind: 'seconds' }>
  | Readonly<{ kind: 'drop-window' }>
  | Readonly<{ kind: 'usage' }>
  | Readonly<{ kind: 'stop' }>

export type Answers = {
  'idle-delay': number
  start: null
  apply: SignIns | null
  'open-window': null
  'close-window': Readonly<{ window: PackedWindow; memoryBytes: number }>
  seconds: readonly Second[]
  'drop-window': null
  usage: ProcessUsage
  stop: OrderTotals
}

/** What a process has used since it started. */
export type ProcessUsage = Readonly<{ cpuUs: number; memoryBytes: number }>

export type ToLoader = Readonly<{ id: number; ask: Ask }>

/** Each ask has exactly one of them. */
export type FromLoader =
  Readonly<{ id: number; value: Answers[Ask['kind']] }> | Readonly<{ id: number; error: string }>
