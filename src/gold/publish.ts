import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { postgresClient } from '../connection.ts'
import { LingotError, reasonOf } from '../errors.ts'
import { final, isTransient, type RetryOptions, retried } from '../retry.ts'
import type { GoldTable, Warehouse } from './warehouse.ts'

/** Gold's next rows, on their way into place. */
export interface Publication {
  /** Begins the transaction and deletes the old rows in it, ahead of time; what fails is told by `commit`. */
  begin: () => void
  /** Adds a finished table, and copies it ahead of time where the transaction has begun. */
  copy: (table: GoldTable) => void
  /** Puts the rows of the added tables in place; `beforeCommit` runs once, when nothing but the last step is left. */
  commit: (beforeCommit?: () => Promise<void>) => Promise<void>
  /** Leaves the old rows in place, unless the new ones already are. */
  close: () => Promise<void>
}

/** Where gold goes. */
export interface Target {
  url: string
  schema: string
  /** The tables that are to be replaced. */
  names: readonly string[]
  /** Puts the rows of a finished table into the one of this quoted name. */
  fill: (client: pg.Client, into: string, table: GoldTable) => Promise<void>
}

/** Copies rows as the warehouse gives them. */
export function byCopy(linesOf: Warehouse['copyLines']): Target['fill'] {
  return async (client, into, table) => {
    await pipeline(Readable.from(linesOf(table)), client.query(copyFrom(`copy ${into} from stdin`)))
  }
}

/**
 * Replaces the rows of every gold table in one transaction: a reader sees all the old ones or all the new ones.
 *
 * Rows are deleted and copied rather than tables dropped, so readers never wait, and views and grants stay. Where the
 * connection is lost everything is copied anew, which gives the same rows whether the lost commit arrived or not.
 */
export function openPublication(target: Target, options: RetryOptions = {}): Publication {
  let transaction: Promise<pg.Client> | undefined
  let isClosed = false
  const tables: GoldTable[] = []
  /** How many of the tables are copied in the transaction, or on their way. */
  let copied = 0
  const begun = () => {
    transaction ??= begin(target)
    transaction.catch(() => undefined)
    return transaction
  }
  let copying = Promise.resolve()
  const copyOn = () => {
    copying = copying.then(async () => {
      const client = await begun()
      for (const table of tables.slice(copied)) {
        copied++
        await replace(client, target, table)
      }
    })
    // Met by who commits.
    copying.catch(() => undefined)
    return copying
  }
  const end = async () => {
    const client = await transaction?.catch(() => undefined)
    await client?.end().catch(() => undefined)
    // With its connection gone, a copy that is under way ends as well.
    await copying.catch(() => undefined)
    transaction = undefined
    copying = Promise.resolve()
    copied = 0
  }
  return {
    begin() {
      // A model that is still built when its run fails must not open a transaction that nobody ends.
      if (!isClosed) void begun()
    },
    copy(table) {
      tables.push(table)
      if (transaction !== undefined && !isClosed) void copyOn()
    },
    async commit(beforeCommit) {
      let before: Promise<void> | undefined
      let theirs: unknown
      try {
        await retried(async (attempt) => {
          if (attempt > 1) await end()
          await copyOn()
          const client = await begun()
          before ??= beforeCommit?.()
          await before?.catch((error: unknown) => {
            theirs = error
            throw final(error)
          })
          await client.query('commit')
        }, options)
      } catch (error) {
        throw error === theirs ? error : publishError(error)
      }
    },
    close() {
      isClosed = true
      return end()
    },
  }
}

/** Connects, waits for who else publishes to the schema, and deletes the old rows. */
async function begin({ url, schema, names }: Target): Promise<pg.Client> {
  const client = await connect(url)
  try {
    await client.query('begin')
    await client.query("select pg_advisory_xact_lock(hashtext('lingot'), hashtext($1))", [schema])
    await createSchema(client, schema)
    const { rows } = await client.query<{ name: string }>(
      "select name from unnest($2::text[]) as name where to_regclass(format('%I.%I', $1::text, name)) is not null",
      [schema, names],
    )
    for (const { name } of rows) await client.query(`delete from ${quoted(schema, name)}`)
    return client
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** Connects, or says that PostgreSQL does not answer. */
export async function connect(url: string): Promise<pg.Client> {
  const client = postgresClient(url, { connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
  } catch (error) {
    throw new LingotError('server', `PostgreSQL does not answer: ${reasonOf(error)}.`, 'Check `lingot doctor`.', {
      cause: error,
    })
  }
  return client
}

async function replace(client: pg.Client, { schema, fill }: Target, table: GoldTable): Promise<void> {
  await prepare(client, schema, table)
  await fill(client, quoted(schema, table.model.name), table)
}

/** Looks first: `if not exists` asks for the right to create schemas even where it is there. */
export async function createSchema(client: pg.Client, schema: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema])
  if (rowCount === 0) await client.query(`create schema if not exists ${pg.escapeIdentifier(schema)}`)
}

/** Creates the table unless it is there with these very columns and this key, and comments on all of it. */
async function prepare(client: pg.Client, schema: string, { model, columns }: GoldTable): Promise<void> {
  const target = quoted(schema, model.name)
  const statements: string[] = []
  const wanted = columns.map(({ name, type }) => `${name} ${postgresType(type)}`)
  if ((await shapeOf(client, schema, model.name)) !== `${wanted.join(', ')} key ${model.key.join(', ')}`) {
    statements.push(`drop table if exists ${target}`)
    const key = model.key.map((name) => pg.escapeIdentifier(name))
    const definitions = columns.map(({ name, type }) => `${pg.escapeIdentifier(name)} ${postgresType(type)}`)
    statements.push(`create table ${target} (${definitions.join(', ')}, primary key (${key.join(', ')}))`)
  }
  statements.push(`comment on table ${target} is ${pg.escapeLiteral(model.description)}`)
  for (const { name } of columns) {
    const meaning = model.columns[name]
    if (meaning === undefined) {
      throw new LingotError('config', `${model.name}.${name} has no description.`, `Add it to ${model.name}.yml.`)
    }
    statements.push(`comment on column ${target}.${pg.escapeIdentifier(name)} is ${pg.escapeLiteral(meaning)}`)
  }
  await client.query(statements.join(';\n'))
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
    [quoted(schema, table)],
  )
  return rows[0]?.shape ?? ''
}

export function quoted(schema: string, table: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`
}

/** The PostgreSQL type of a DuckDB one, as PostgreSQL itself spells it. */
export function postgresType(type: string): string {
  const types: Record<string, string> = {
    VARCHAR: 'text',
    BIGINT: 'bigint',
    DATE: 'date',
    BOOLEAN: 'boolean',
    TIMESTAMP: 'timestamp without time zone',
  }
  if (type.startsWith('DECIMAL')) return type.replace('DECIMAL', 'numeric').toLowerCase()
  const known = types[type]
  if (known === undefined) throw new LingotError('config', `Gold has no column type ${type}.`, 'Cast it in the model.')
  return known
}

function publishError(error: unknown): unknown {
  if (error instanceof LingotError && error.kind !== 'server') return error
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
    `Gold could not be published, the old tables stay: ${reasonOf(error).replace(/\.$/, '')}.`,
    nextAfter(error, code),
    cause,
  )
}

function nextAfter(error: unknown, code: string | undefined): string {
  if (code === '2BP01') return 'A view depends on a table whose columns changed: drop it, run again, create it again.'
  if (code === DISK_FULL || NO_ROOM.test(reasonOf(error)))
    return 'Make room where PostgreSQL keeps its data, then run it again.'
  return isTransient(error) ? 'See `lingot doctor`, then run it again.' : 'Run it again.'
}

const DISK_FULL = '53100'
/** What PostgreSQL says of a file that may not grow, under a code that says nothing. */
const NO_ROOM = /^could not (extend|write)|No space left|File too large/
