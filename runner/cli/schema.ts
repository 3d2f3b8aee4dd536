import { fieldTable, schemaJson } from '../results/schema.ts'
import { ScenarioFile } from '../scenario/format.ts'
import { UsageError } from './options.ts'

/** `schema [--table | --journey]`: the JSON schema of run.json, each of its fields as a table, or that of a journey. */
export function schema(args: readonly string[]): number {
  const [form, ...more] = args
  if (form === '--journey' && more.length === 0) {
    process.stdout.write(`${JSON.stringify(journeySchema, null, 2)}\n`)
    return 0
  }
  if ((form !== undefined && form !== '--table') || more.length > 0)
    throw new UsageError(['schema takes --table, --journey, or nothing.'])
  process.stdout.write(form === undefined ? schemaJson() : `${fieldTable()}\n`)
  return 0
}

const journeySchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'samehost journey',
  ...ScenarioFile,
}
