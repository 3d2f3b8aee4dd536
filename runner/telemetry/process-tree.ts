export type ProcessRow = Readonly<{
  pid: number
  parent: number
  /** Own and that of the children it has waited for. */
  cpuUs: number
  memoryBytes: number
}>

/** The process and all its descendants; empty if it has ended. */
export function treeOf(rows: readonly ProcessRow[], root: number): ProcessRow[] {
  const children = new Map<number, ProcessRow[]>()
  for (const row of rows) children.set(row.parent, [...(children.get(row.parent) ?? []), row])
  const found = rows.filter((row) => row.pid === root)
  for (const row of found) found.push(...(children.get(row.pid) ?? []))
  return found
}
