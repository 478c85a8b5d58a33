import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { LingotError, reasonOf } from '../errors.ts'
import type { GoldTable, Warehouse } from './warehouse.ts'

/**
 * Replaces the rows of every gold table in one transaction: a reader sees all the old ones or all the new ones.
 *
 * Rows are deleted and copied rather than tables dropped, so readers never wait, and views and grants stay.
 * What else is to be swapped in with gold happens in `beforeCommit`; when that fails the old rows stay.
 */
export async function publish(
  client: pg.Client,
  schema: string,
  tables: readonly GoldTable[],
  warehouse: Warehouse,
  beforeCommit?: () => Promise<void>,
): Promise<void> {
  const quoted = (name: string) => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`
  let isOurs = true
  try {
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(hashtext('lingot'), hashtext($1))", [schema])
    await createSchema(client, schema)
    for (const table of tables) {
      const target = quoted(table.model.name)
      await prepare(client, schema, target, table)
      await client.query(`delete from ${target}`)
      await pipeline(Readable.from(warehouse.copyLines(table)), client.query(copyFrom(`copy ${target} from stdin`)))
    }
    isOurs = false
    await beforeCommit?.()
    isOurs = true
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw isOurs ? publishError(error) : error
  }
}

/** Looks first: `if not exists` asks for the right to create schemas even where it is there. */
async function createSchema(client: pg.Client, schema: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema])
  if (rowCount === 0) await client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`)
}

/** Creates the table unless it is there with these very columns and this key, and comments on all of it. */
async function prepare(
  client: pg.Client,
  schema: string,
  target: string,
  { model, columns }: GoldTable,
): Promise<void> {
  const wanted = columns.map(({ name, type }) => `${name} ${postgresType(type)}`)
  if ((await shapeOf(client, schema, model.name)) !== `${wanted.join(', ')} key ${model.key.join(', ')}`) {
    await client.query(`drop table if exists ${target}`)
    const key = model.key.map((name) => pg.escapeIdentifier(name))
    const definitions = columns.map(({ name, type }) => `${pg.escapeIdentifier(name)} ${postgresType(type)}`)
    await client.query(`create table ${target} (${definitions.join(', ')}, primary key (${key.join(', ')}))`)
  }
  await client.query(`comment on table ${target} is ${pg.escapeLiteral(model.description)}`)
  for (const { name } of columns) {
    const meaning = model.columns[name]
    if (meaning === undefined) {
      throw new LingotError('config', `${model.name}.${name} has no description.`, `Add it to ${model.name}.yml.`)
    }
    await client.query(`comment on column ${target}.${pg.escapeIdentifier(name)} is ${pg.escapeLiteral(meaning)}`)
  }
}

async function shapeOf(client: pg.Client, schema: string, table: string): Promise<string> {
  const { rows } = await client.query<{ shape: string | null }>(
    `select
       string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum) || ' key ' || (
         select string_agg(a.attname, ', ' order by array_position(i.indkey::int2[], a.attnum))
         from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
         where i.indrelid = to_regclass($1) and i.indisprimary
       ) as shape
     from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [`${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`],
  )
  return rows[0]?.shape ?? ''
}

/** The PostgreSQL type of a DuckDB one, as PostgreSQL itself spells it. */
export function postgresType(type: string): string {
  const types: Record<string, string> = { VARCHAR: 'text', BIGINT: 'bigint', DATE: 'date', BOOLEAN: 'boolean' }
  if (type.startsWith('DECIMAL')) return type.replace('DECIMAL', 'numeric').toLowerCase()
  const known = types[type]
  if (known === undefined) throw new LingotError('config', `Gold has no column type ${type}.`, 'Cast it in the model.')
  return known
}

function publishError(error: unknown): LingotError {
  if (error instanceof LingotError) return error
  const code = error instanceof pg.DatabaseError ? error.code : undefined
  const cause = { cause: error }
  if (code === '42501') {
    return new LingotError(
      'permission',
      `PostgreSQL refused to write gold: ${reasonOf(error)}.`,
      'Grant the user what it needs, with the tables its own: `lingot grants` prints it.',
      cause,
    )
  }
  return new LingotError(
    'publish',
    `Gold could not be published, the old tables stay: ${reasonOf(error)}.`,
    code === '2BP01'
      ? 'A view depends on a table whose columns changed: drop it, run again, create it again.'
      : 'Run it again.',
    cause,
  )
}
