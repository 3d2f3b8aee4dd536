import { Value } from 'typebox/value'
import { Run } from '../measurement/run.ts'
import type { Reason } from '../measurement/stage.ts'

/** A run as it can be written, and what of it could not be. */
export type Storable = Readonly<{ run: Run; lost: readonly string[] }>

/**
 * The run as its schema allows it. What the schema refuses is a defect of the runner, and must
 * not cost the rest: a figure becomes null, or is left out, and its stage is INVALID; where neither is
 * allowed, what it is part of goes.
 */
export function storable(run: Run): Storable {
  if (Value.Check(Run, run)) return { run, lost: [] }
  const copy: unknown = structuredClone(run)
  const lost: string[] = []
  for (;;) {
    if (Value.Check(Run, copy)) return { run: copy, lost }
    const [error] = Value.Errors(Run, copy)
    if (error === undefined) throw new Error('run.json: refused without a reason.')
    const keys = error.instancePath.split('/').slice(1)
    if (keys.length === 0) throw new Error(`run.json: ${error.message}: a defect of the runner.`)
    const what = `${error.instancePath} ${error.message}`
    lost.push(what)
    giveUp(copy, keys)
    invalidate(copy, keys, what)
  }
}

/** Makes the value at `keys` one that the schema accepts, or takes it out, or what it is part of. */
function giveUp(run: unknown, keys: readonly string[]): void {
  const key = keys.at(-1)
  const parent = at(run, keys.slice(0, -1))
  if (key === undefined || !isRecord(parent)) return
  if (Array.isArray(parent)) return void parent.splice(Number(key), 1)
  const refused = (): boolean => refusals(run).has(`/${keys.join('/')}`)
  parent[key] = null
  if (!refused()) return
  Reflect.deleteProperty(parent, key)
  if (refusals(run).has(`/${keys.slice(0, -1).join('/')}`)) giveUp(run, keys.slice(0, -1))
}

const refusals = (run: unknown): Set<string> =>
  new Set(Value.Errors(Run, run).map((error) => error.instancePath))

/** `/trials/0/stages/2/…`: the stage that a figure is missing from is no measurement. */
function invalidate(run: unknown, keys: readonly string[], text: string): void {
  if (keys[0] !== 'trials' || keys[2] !== 'stages' || keys.length < 5) return
  const validity = at(run, [...keys.slice(0, 4), 'validity'])
  if (!isRecord(validity) || !Array.isArray(validity['reasons'])) return
  validity['valid'] = false
  const reason: Reason = { check: 'figures', figure: 0, bound: 0, text }
  validity['reasons'].push(reason)
}

function at(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((inside, key) => (isRecord(inside) ? inside[key] : undefined), value)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
