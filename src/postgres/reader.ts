import pg from 'pg'
import { LingotError, reasonOf } from '../system/errors.ts'
import { postgresClient, postgresPool, timeoutOf } from './client.ts'

/** Reads gold: each value as the text that PostgreSQL gives, so that no digit is lost. */
export interface GoldQuery {
  (text: string, values?: readonly (string | null)[]): Promise<GoldRows>
  /**
   * Lets some work fail by itself: what follows sees gold as before. So does `tell`, which may say better what failed.
   */
  attempt: <T>(
    work: () => Promise<T>,
    tell?: (error: unknown) => Promise<LingotError | undefined>,
  ) => Promise<{ value: T } | { failure: LingotError }>
}

/** What PostgreSQL has in a column, in a few words. */
export const goldTypes = ['text', 'integer', 'decimal', 'date', 'timestamp', 'boolean'] as const
export type GoldType = (typeof goldTypes)[number]

export interface GoldRows {
  columns: { name: string; isNumber: boolean; type: GoldType }[]
  rows: (string | null)[][]
}

/** Lets some work see one state of gold, read-only. */
export async function readGold<T>(
  postgresUrl: string,
  schema: string,
  work: (query: GoldQuery) => Promise<T>,
): Promise<T> {
  const client = postgresClient(postgresUrl, { connectionTimeoutMillis: 5000, ...AS_TEXT })
  try {
    await client.connect()
    await beginReading(client, schema, timeoutOf(postgresUrl))
    return await work(asking(client, { schema, role: client.user }))
  } catch (error) {
    throw await failureOf(error, client, { schema, role: client.user })
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Reads gold time and again, with the guarantees of {@link readGold}, over a few connections that stay open. */
export interface GoldReader {
  read: <T>(work: (query: GoldQuery) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

/** Connects when something is read, and anew when PostgreSQL was away. */
export function goldReader(postgresUrl: string, schema: string): GoldReader {
  const pool = postgresPool(postgresUrl, {
    max: CONNECTIONS,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 5000,
    allowExitOnIdle: true,
    ...AS_TEXT,
  })
  return {
    async read(work) {
      let client: pg.PoolClient | undefined
      let isBroken = false
      try {
        client = await pool.connect()
        await beginReading(client, schema, timeoutOf(postgresUrl))
        return await work(asking(client, { schema, role: client.user }))
      } catch (error) {
        throw await failureOf(error, client, { schema, role: client?.user })
      } finally {
        // Whatever was set for the session is undone with the transaction.
        await client?.query('rollback').catch(() => {
          isBroken = true
        })
        client?.release(isBroken)
      }
    },
    close: () => pool.end(),
  }
}

const CONNECTIONS = 4

/** How long a question may take, where its address does not say otherwise: `?statement_timeout=60000`. */
const TIMEOUT_MS = 30_000

const AS_TEXT = { types: { getTypeParser: () => (text: string) => text } }

/**
 * Begins a transaction that may only read, sees one state of gold, and gives each statement so long. What is summed up
 * for 100,000 products goes by way of no disk, and no statement is so long that it is worth compiling.
 */
export async function beginReading(client: pg.ClientBase, schema: string, timeoutMs = TIMEOUT_MS): Promise<void> {
  await client.query(
    `begin transaction isolation level repeatable read read only;
     set local search_path to ${pg.escapeIdentifier(schema)};
     set local datestyle to 'ISO';
     set local statement_timeout to ${timeoutMs};
     set local jit to off;
     set local work_mem to '64MB'`,
  )
}

function asking(client: pg.ClientBase, reading: Reading): GoldQuery {
  const query = async (text: string, values: readonly (string | null)[] = []): Promise<GoldRows> => {
    // One statement a query: a second one could end the transaction that may only read.
    const one = { text, values: [...values], rowMode: 'array', queryMode: 'extended' } as const
    const result = await client.query<(string | null)[]>(one)
    // COMMIT and SET TRANSACTION would let the next question write; a cursor reads.
    if (result.fields.length === 0 && !/^(DECLARE|CLOSE)$/.test(result.command)) {
      throw noQuestion(`${result.command} gives no table`)
    }
    return { columns: columnsOf(result.fields), rows: result.rows }
  }
  const attempt: GoldQuery['attempt'] = async (work, tell) => {
    await client.query('savepoint attempt')
    try {
      return { value: await work() }
    } catch (error) {
      // What ended the transaction ends all: nothing keeps what follows from writing.
      const isOver = await client.query('rollback to savepoint attempt').then(
        () => false,
        () => true,
      )
      if (isOver) throw error
      const told = await tell?.(error)
      return { failure: told ?? (await failureOf(error, client, reading, 'rollback to savepoint attempt')) }
    } finally {
      await client.query('release savepoint attempt').catch(() => undefined)
    }
  }
  return Object.assign(query, { attempt })
}

/** The columns of a result. */
export function columnsOf(fields: readonly pg.FieldDef[]): GoldRows['columns'] {
  return fields.map(({ name, dataTypeID }) => ({
    name,
    isNumber: NUMBERS.has(dataTypeID),
    type: TYPES.get(dataTypeID) ?? 'text',
  }))
}

/** Who reads, and where. */
interface Reading {
  schema: string
  role: string | undefined
}

/** What is told of work that failed. Whether gold is there at all is asked behind a way back out of the failure. */
async function failureOf(
  error: unknown,
  client: pg.ClientBase | undefined,
  reading: Reading,
  back = 'rollback',
): Promise<LingotError> {
  if (error instanceof LingotError) return error
  const isLacking = error instanceof pg.DatabaseError && LACKING.has(error.code ?? '')
  if (!isLacking || client === undefined) return readError(error, reading)
  const asked = await client
    .query(back)
    .then(() => client.query(IS_MADE, [reading.schema]))
    .catch(() => undefined)
  if (asked?.rowCount !== 1) return readError(error, reading)
  const what = 'Gold was made by another version of Lingot, or by other settings.'
  return new LingotError('data', what, 'Make it anew with `lingot run`.', { cause: error })
}

/** No such table, no such column. */
const LACKING: ReadonlySet<string> = new Set(['42P01', '42703'])

/** Finds the table that says which run made gold, for who may see it; asks nothing that could be refused. */
const IS_MADE = `select 1
from pg_catalog.pg_class
inner join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
where nspname = $1 and relname = 'gold_run' and has_schema_privilege(pg_namespace.oid, 'usage')`

/** What helps a question that takes too long. */
export const LONGER = 'Make it cheaper, or allow more milliseconds in the address: `?statement_timeout=60000`.'

export function readError(error: unknown, reading?: Reading): LingotError {
  const code = error instanceof pg.DatabaseError ? error.code : undefined
  const cause = { cause: error }
  switch (code) {
    case '42P01':
      return new LingotError('data', 'Gold has no tables yet.', 'Make them with `lingot run`.', cause)
    case '57014':
      return new LingotError('server', 'PostgreSQL ended the question: it took longer than it may.', LONGER, cause)
    case '25001':
    case '25006':
      return noQuestion(reasonOf(error), cause)
    case '42501':
      return new LingotError(
        'permission',
        `PostgreSQL refused to read gold: ${reasonOf(error)}.`,
        grantTo(reading),
        cause,
      )
    default:
      return new LingotError(
        'server',
        `PostgreSQL could not answer: ${reasonOf(error)}.`,
        'See `lingot doctor`.',
        cause,
      )
  }
}

/** In full: where rights were given before, neither a run nor `lingot grants` gives any. */
function grantTo({ schema, role }: Partial<Reading> = {}): string {
  const where = schema === undefined ? '…' : pg.escapeIdentifier(schema)
  const who = role === undefined ? '…' : pg.escapeIdentifier(role)
  const grant = `grant usage on schema ${where} to ${who}; grant select on all tables in schema ${where} to ${who}`
  return `Let the owner of gold run \`${grant}\`, or name gold's tables where others stand beside them.`
}

function noQuestion(reason: string, cause?: ErrorOptions): LingotError {
  const next = 'Change gold with a model and `lingot run`.'
  return new LingotError('permission', `A question may only read: ${reason}.`, next, cause)
}

/** Object ids of boolean, bigint, smallint, integer, real, double, numeric, date, and timestamp without and with zone. */
const TYPES: ReadonlyMap<number, GoldType> = new Map([
  [16, 'boolean'],
  [20, 'integer'],
  [21, 'integer'],
  [23, 'integer'],
  [700, 'decimal'],
  [701, 'decimal'],
  [1700, 'decimal'],
  [1082, 'date'],
  [1114, 'timestamp'],
  [1184, 'timestamp'],
])

/** Object ids of bigint, integer, smallint, double and numeric. */
const NUMBERS = new Set([20, 23, 21, 701, 1700])
