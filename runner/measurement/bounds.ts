import type { Type } from 'typebox'

/**
 * A run.json may come from anyone. Each field that has no bound of its own gets one: counts that no machine
 * has, texts that nobody reads, lists that no run fills are refused before anything is made of them. Figures
 * that are quotients may be of any size: what they are divided by may be next to nothing.
 */
const LIMIT = { integer: 1e15, length: 20_000, items: 1e6 } as const

type Node = {
  type?: string
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
  properties?: Readonly<Record<string, Node>>
  patternProperties?: Readonly<Record<string, Node>>
  items?: Node
  anyOf?: readonly Node[]
}

/** The same schema, with the limits put into it; a schema that recurs in it stays one. */
export function bounded<T extends Type.TSchema>(schema: T): T {
  bound(schema, new Set())
  return schema
}

function bound(node: Node, seen: Set<Node>): void {
  if (seen.has(node)) return
  seen.add(node)
  if (node.type === 'integer') {
    node.minimum ??= -LIMIT.integer
    node.maximum ??= LIMIT.integer
  }
  if (node.type === 'string') node.maxLength ??= LIMIT.length
  if (node.type === 'array') node.maxItems ??= LIMIT.items
  const children = [
    ...Object.values(node.properties ?? {}),
    ...Object.values(node.patternProperties ?? {}),
    ...(node.items ? [node.items] : []),
    ...(node.anyOf ?? []),
  ]
  for (const child of children) bound(child, seen)
}
