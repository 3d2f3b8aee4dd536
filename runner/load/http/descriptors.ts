/**
 * File descriptors. Node raises its soft limit to the hard one as it starts; beyond that only the user
 * can. A connection that would take the last of them is not opened: its request fails as
 * `client-exhausted`, and the runner keeps enough for files and telemetry of its own.
 */

/** The runtime, the database, telemetry, files, and connections that are just being closed. */
const RESERVED = 64

let open = 0
let limit: number | null | undefined

/** Descriptors that this process may have; null where nobody says. */
function descriptorLimit(): number | null {
  if (limit === undefined) limit = readLimit()
  return limit
}

/** Takes one for a connection; false if there is none left for it. */
export function takeDescriptor(): boolean {
  const most = descriptorLimit()
  if (most !== null && open >= connectionsOf(most)) return false
  open += 1
  return true
}

export function giveDescriptorBack(): void {
  open -= 1
}

/** Connections that this process can have open at a time; null where nobody says. */
export function connectionLimit(): number | null {
  const most = descriptorLimit()
  return most === null ? null : connectionsOf(most)
}

/** That one process cannot have this many users, with the remedy; null if it can. */
export function descriptorWarning(users: number, most = descriptorLimit()): string | null {
  if (most === null || users <= connectionsOf(most)) return null
  return (
    `${users} users need ${users + RESERVED} open files, and the limit is ${most}: from ` +
    `${connectionsOf(most)} users on requests fail as client-exhausted and stages are INVALID. Raise it: ` +
    `\`ulimit -n ${users + RESERVED}\`, or \`ulimits: nofile\` of the container.`
  )
}

const connectionsOf = (most: number): number => Math.max(0, most - RESERVED)

function readLimit(): number | null {
  if (process.report === undefined) return null
  // Else it looks up the names of all that this process is connected to, and waits for them.
  Object.assign(process.report, { excludeNetwork: true })
  const { userLimits } = process.report.getReport() as {
    userLimits?: Readonly<Record<string, Readonly<{ soft: number | string }>>>
  }
  const soft = Number(userLimits?.['open_files']?.soft)
  return Number.isSafeInteger(soft) ? soft : null
}
