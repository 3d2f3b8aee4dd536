import type { Trial } from '../measurement/trial.ts'

/**
 * What a reader of a trial's figures must know of what was not proved, or not read, in it.
 *
 * @param keepsContract false: nobody promised that it says who it is, and the run says once that it need not
 */
export function notesOf(trial: Trial, keepsContract = true): string[] {
  const { arm, index, notes = [] } = trial
  const saysNothing = trial.identity?.instance === null
  const unproved =
    !keepsContract && saysNothing
      ? []
      : [unprovedIdentity(trial), keepsContract ? unsaidSettings(trial) : null]
  return [
    ...unproved.filter((text) => text !== null),
    ...notes.map((note) => `${arm}, trial ${index + 1}: ${note}`),
  ]
}

/** A service that sends no name and no instance may be another one: a note, and no failure. */
function unprovedIdentity({ arm, index, identity, stages, state }: Trial): string | null {
  if (identity === undefined || stages.length === 0) return null
  if (identity.arm === null || identity.instance === null) {
    return (
      `${arm}: not checked: identity: it does not send X-Samehost-Arm and X-Samehost-Instance on ` +
      '/healthz, so another service may have answered'
    )
  }
  const { lateStages = 0 } = identity
  if (lateStages > 0) {
    return (
      `${arm}, trial ${index + 1}: not checked: identity: until the end of its stage ${lateStages} no answer on ` +
      '/healthz had X-Samehost-Arm and X-Samehost-Instance, which it sends: something on the way gave it'
    )
  }
  // An arm that died in a stage was not asked after it.
  const isDead = state === 'aborted' && (identity.heldStages ?? stages.length) < stages.length
  const asked = stages.length + (isDead ? 0 : 1)
  const missed = asked - identity.proofs
  return missed > 0
    ? `${arm}: not checked: identity: it did not answer on /healthz ${missed} of ${asked} times`
    : null
}

/** A note on a service that does not say its settings; the kit's own services say them all. */
function unsaidSettings({ arm, identity, stages }: Trial): string | null {
  if (identity === undefined || identity.settings !== undefined || stages.length === 0) return null
  return (
    `${arm}: not checked: settings: it does not say what it goes by on /healthz (\`settings\` in ` +
    'services/contract.yaml), so that no level of it could be confirmed'
  )
}
