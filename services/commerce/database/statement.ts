import {
  type Compilable,
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import type { Schema } from './schema.ts'

/** Runs a statement with these parameters and gives its rows. */
export type Statement<Parameters, Row> = (
  db: Kysely<Schema>,
  parameters: Parameters,
) => Promise<Row[]>

/** Compiles, and reaches no database. */
const builder = new Kysely<Schema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
})

/**
 * A statement of Kysely's typed builder, built and compiled once: to do so for every request was a
 * quarter of the service's CPU, and is the same in every mode, so that it only hid their difference.
 *
 * @param build makes the statement; `parameter(name)` stands where the parameter of that name goes
 */
export function statement<Parameters extends object, Row>(
  build: (
    db: Kysely<Schema>,
    parameter: <Name extends keyof Parameters>(name: Name) => Parameters[Name],
  ) => Compilable<Row>,
): Statement<Parameters, Row> {
  const names = new Map<unknown, keyof Parameters>()
  const query: CompiledQuery<Row> = build(builder, (name) => {
    // The builder takes any value for a parameter and hands it on as it is.
    const placeholder = { name }
    names.set(placeholder, name)
    return placeholder as never
  }).compile()
  const order = query.parameters.map((value) => {
    const name = names.get(value)
    if (name === undefined) throw new Error(`name the constant ${String(value)} in: ${query.sql}`)
    return name
  })
  return async (db, parameters) => {
    const values = order.map((name) => parameters[name])
    const { rows } = await db.executeQuery<Row>({ ...query, parameters: values })
    return rows
  }
}
