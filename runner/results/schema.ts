import { Run } from '../measurement/run.ts'

/** What run.json holds, as a JSON schema from the types that the runner itself is checked with. */
export function schemaJson(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'samehost run',
    ...Run,
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

type Schema = Readonly<{
  type?: string
  const?: unknown
  description?: string
  properties?: Readonly<Record<string, Schema>>
  patternProperties?: Readonly<Record<string, Schema>>
  items?: Schema
  anyOf?: readonly Schema[]
}>

/** Every field of run.json with its type and what it means, as rows of a Markdown table. */
export function fieldTable(): string {
  const rows = fields('', Run, new Set())
  const lines = rows.map(({ path, type, text }) => `| \`${path}\` | ${type} | ${text} |`)
  return ['| field | type | meaning |', '| --- | --- | --- |', ...lines].join('\n')
}

type Row = Readonly<{ path: string; type: string; text: string }>

/** @param described schemas described once already: those that recur, such as the figures of an endpoint */
function fields(path: string, schema: Schema, described: Set<Schema>): Row[] {
  const shape = nonNull(schema)
  const text = schema.description ?? shape.description ?? ''
  const own: Row[] = path === '' ? [] : [{ path, type: typeName(schema), text: cell(text) }]
  if (described.has(shape)) return own
  if (shape.properties !== undefined || shape.items !== undefined) described.add(shape)
  const prefix = path === '' ? '' : `${path}.`
  const inside = Object.entries(shape.properties ?? {}).flatMap(([name, child]) =>
    fields(prefix + name, child, described),
  )
  const item = shape.items === undefined ? [] : fields(`${path}[]`, shape.items, described)
  return [...own, ...inside, ...item.filter((row) => row.path !== `${path}[]` || row.text !== '')]
}

function nonNull(schema: Schema): Schema {
  const shapes = schema.anyOf?.filter((shape) => shape.type !== 'null') ?? []
  return shapes.length === 1 ? (shapes[0] ?? schema) : schema
}

function typeName(schema: Schema): string {
  if (schema.anyOf !== undefined) {
    return schema.anyOf.map((shape) => typeName(shape)).join(' or ')
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  return schema.type ?? 'any'
}

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`)
