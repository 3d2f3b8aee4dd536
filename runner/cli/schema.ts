import { fieldTable, schemaJson } from '../results/schema.ts'
import { UsageError } from './options.ts'

/** `schema [--table]`: prints the JSON schema of run.json, or each of its fields with its meaning. */
export function schema(args: readonly string[]): number {
  const [form, ...more] = args
  if ((form !== undefined && form !== '--table') || more.length > 0)
    throw new UsageError(['schema takes --table, or nothing.'])
  process.stdout.write(form === undefined ? schemaJson() : `${fieldTable()}\n`)
  return 0
}
