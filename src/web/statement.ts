import { Socket } from 'node:net'
import pg from 'pg'
import { readableColumns } from '../gold/catalogue.ts'
import { type UnknownName, unknownName } from '../gold/sql_faults.ts'
import { postgresClient } from '../postgres/client.ts'
import { beginReading, columnsOf } from '../postgres/reader.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { isHidden } from '../system/messages.ts'
import type { Result } from './api.ts'
import { csvOf, type Fetch } from './csv_file.ts'
import { Refusal } from './problem.ts'
import { codeOf } from './sql_code.ts'

/** Puts a statement of one's own to gold. */
export type Ask = (sql: string, signal: AbortSignal) => Promise<Result>

/** What becomes of statements of one's own. */
export interface Statements {
  ask: Ask
  /** All rows as CSV, read as fast as they are taken; ends broken where they take too long or are too many. */
  file: (sql: string, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>
}

/** What a statement may take. */
interface Limits {
  /** From the connection to the last row. */
  ms: number
  /** Of what PostgreSQL sends. */
  bytes: number
}

const OF_AN_ANSWER: Limits = { ms: 10_000, bytes: 16 * 2 ** 20 }
const OF_A_FILE: Limits = { ms: 60_000, bytes: 64 * 2 ** 20 }
const MOST_ROWS = 1000
/** Statements at a time: each has a connection of its own. */
const AT_ONCE = 4

const CURSOR = 'declare result no scroll cursor for\n'

/** Something about a statement that its author can mend. */
class StatementError extends LingotError {
  override readonly name = 'StatementError'
  /** The character where PostgreSQL stumbled, from 1. */
  readonly position: number | undefined

  constructor(message: string, next: string, position?: number) {
    super('usage', message, next)
    this.position = position
  }
}

/**
 * Each statement is one query, in a transaction that may only read, over a connection that is closed after it: nothing
 * that it sets or locks stays. A cursor takes nothing but a query, and gives no more rows than are wanted.
 */
export function statements(postgresUrl: string, schema: string): Statements {
  let underWay = 0
  const reading = async <T>(asked: Asked, work: Work<T>) => {
    if (underWay >= AT_ONCE) {
      throw new Refusal(503, 'busy', `${AT_ONCE} statements are under way already.`, 'Try again when one has ended.')
    }
    underWay++
    try {
      return await read(postgresUrl, schema, asked, work)
    } finally {
      underWay--
    }
  }
  return {
    ask: (sql, gone) => reading({ sql, gone, limits: OF_AN_ANSWER }, firstRows),
    file: (sql, gone) => csvOf((send) => reading({ sql, gone, limits: OF_A_FILE }, send)),
  }
}

/** A statement, and when nobody waits for it any more. */
interface Asked {
  sql: string
  gone: AbortSignal
  limits: Limits
}

/** What is done with the rows of a statement, which was begun at a moment of the clock that only goes forward. */
type Work<T> = (fetch: Fetch, started: number) => Promise<T>

async function firstRows(fetch: Fetch, started: number): Promise<Result> {
  const { columns, rows } = await fetch(MOST_ROWS + 1)
  const result = {
    columns,
    rows: rows.slice(0, MOST_ROWS),
    isCut: rows.length > MOST_ROWS,
    seconds: (performance.now() - started) / 1000,
  }
  if (Buffer.byteLength(JSON.stringify(result)) > OF_AN_ANSWER.bytes) throw tooLarge(OF_AN_ANSWER)
  return result
}

/** Lets some work fetch the rows of a statement. */
async function read<T>(postgresUrl: string, schema: string, { sql, gone, limits }: Asked, work: Work<T>): Promise<T> {
  if (sql.includes('\0')) throw new StatementError('The statement holds a NUL character.', 'Leave it out.')
  const socket = new Socket()
  const limit = limitBytes(socket, limits.bytes)
  const client = postgresClient(postgresUrl, {
    connectionTimeoutMillis: 5000,
    stream: () => socket,
    types: { getTypeParser: () => (text: string) => text },
  })
  const timeout = AbortSignal.timeout(limits.ms)
  const signal = AbortSignal.any([gone, timeout])
  let transaction: Transaction | undefined
  const end = () => {
    if (transaction !== undefined) void cancelStatement(postgresUrl, transaction).catch(() => undefined)
    socket.destroy()
  }
  signal.addEventListener('abort', end)
  try {
    signal.throwIfAborted()
    await client.connect()
    await beginReading(client, schema, limits.ms)
    // Where a backslash escapes in every text, what is a text is not what it is taken for below.
    const { rows } = await client.query<Transaction>(
      "select pg_backend_pid() as pid, now() as begun, set_config('standard_conforming_strings', 'on', true)",
    )
    // A pooler answers with a number of its own: its backend may be another's by the time that it is met.
    if ('processID' in client && rows[0]?.pid === String(client.processID)) transaction = rows[0]
    await refuseDangerous(client)
    refuseHarmful(sql)
    const started = performance.now()
    const one = { text: CURSOR + sql, queryMode: 'extended' } as const
    await client.query(one)
    const fetch: Fetch = async (count) => {
      const text = `fetch forward ${count} from result`
      const { fields, rows } = await client.query<(string | null)[]>({ text, rowMode: 'array' })
      return { columns: columnsOf(fields).map(({ name, type }) => ({ name, type })), rows }
    }
    return await Promise.race([work(fetch, started), aborted(signal)])
  } catch (error) {
    if (limit.isExceeded()) throw tooLarge(limits)
    if (timeout.aborted) throw tookTooLong(limits)
    throw statementError(error, limits, await unknownIn(error, client, schema, sql))
  } finally {
    signal.removeEventListener('abort', end)
    limit.end()
    await client.end().catch(() => undefined)
  }
}

/** Whoever takes rows slowly is waited for no longer than this. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** The name that is not there; asked for over the same connection, out of the transaction that failed. */
async function unknownIn(
  error: unknown,
  client: pg.ClientBase,
  schema: string,
  sql: string,
): Promise<UnknownName | undefined> {
  const readable = async () => {
    await client.query('rollback')
    return readableColumns(
      (text, values) => client.query<(string | null)[]>({ text, values: [...values], rowMode: 'array' }),
      schema,
    )
  }
  // What PostgreSQL said first is told all the same.
  return unknownName(error, { sql, behind: CURSOR.length }, readable).catch(() => undefined)
}

/** A backend, and when the transaction began that it works on: behind a pooler the next one is of somebody else. */
interface Transaction {
  pid: string
  begun: string
}

/** Ends a statement of the same user from beside it. */
async function cancelStatement(postgresUrl: string, { pid, begun }: Transaction): Promise<void> {
  const client = postgresClient(postgresUrl, { connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
    await client.query('select pg_cancel_backend(pid) from pg_stat_activity where pid = $1 and xact_start = $2', [
      pid,
      begun,
    ])
  } finally {
    await client.end().catch(() => undefined)
  }
}

/**
 * A transaction that may only read keeps neither a superuser nor who may become one from files, programs and the
 * connections of others. A role counts that the user of the connection can take on, whether it has or not.
 */
async function refuseDangerous(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ user: string; role: string; is_superuser: string }>(
    `select session_user as user, rolname as role, rolsuper::text as is_superuser
    from pg_roles
    where
        pg_has_role(session_user, oid, 'member')
        and (rolsuper or rolreplication or (rolname like 'pg\\_%' and rolname::text <> all($1)))
    order by rolname <> session_user, not rolsuper, rolname
    limit 1`,
    [HARMLESS],
  )
  const [found] = rows
  if (found === undefined) return
  const { user, role } = found
  const rights = found.is_superuser === 'true' ? 'is a superuser' : (MORE_THAN_GOLD[role] ?? 'may do more than read')
  throw new Refusal(
    403,
    'permission',
    `Statements of your own are not run as ${user}, which ${role === user ? '' : `can become ${role}, which `}${rights}.`,
    READER,
  )
}

/** What to do about a user that may do too much. */
const READER = 'Set POSTGRES_READER_URL to a user that reads gold and nothing else; `lingot grants` creates one.'

/** Roles whose members do no more than read, though not gold alone. */
const MORE_THAN_GOLD: Readonly<Record<string, string>> = { pg_read_all_data: 'may read more than gold' }

/** Roles of PostgreSQL's own whose members see more and can do no more; of its other ones none is for a reader. */
const HARMLESS = ['pg_database_owner', 'pg_monitor', 'pg_read_all_settings', 'pg_read_all_stats', 'pg_stat_scan_tables']

/**
 * Functions that everybody may call, and that end or hold up what others do, write, or run a text that nobody looked
 * at; and escapes in names, which could hide one.
 */
const HARMFUL =
  /\b(?:pg_(?:terminate|cancel)_backend|pg_(?:try_)?advisory_\w+|pg_logical_emit_message|pg_(?:read|stat|ls)_\w*(?:file|dir)|pg_(?:create|drop|copy)_\w+_slot|pg_replication_slot_advance|pg_logical_slot_\w+|lo_(?:creat|create|from_bytea|put|unlink|open|truncate|truncate64|import|export)|lowrite|(?:query|cursor)_to_xml\w*|ts_stat|ts_rewrite|dblink\w*|crosstab\w*|connectby|xpath_table)\b|u&(?=")/i

function refuseHarmful(sql: string): void {
  const [name] = HARMFUL.exec(codeOf(sql) ?? sql) ?? []
  if (name === undefined) return
  throw new Refusal(
    403,
    'permission',
    `${name} is out of reach of statements of your own: they may read gold, and nothing else.`,
    'Leave it out, or use psql.',
  )
}

/** Ends a connection that brings more than there is room for: what is read is not known to be large before it is there. */
function limitBytes(socket: Socket, most: number): { isExceeded: () => boolean; end: () => void } {
  const isExceeded = () => socket.bytesRead > most
  const timer = setInterval(() => isExceeded() && socket.destroy(), 20)
  return { isExceeded, end: () => clearInterval(timer) }
}

function tooLarge({ bytes }: Limits): StatementError {
  return new StatementError(
    `The rows are larger than ${bytes / 2 ** 20} MB.`,
    'Ask for fewer columns, or for fewer rows with LIMIT.',
  )
}

function tookTooLong({ ms }: Limits): StatementError {
  return new StatementError(
    `The statement was ended: it took longer than ${ms / 1000} seconds.`,
    'Make it cheaper: read fewer rows, as with WHERE, or join less.',
  )
}

function statementError(error: unknown, limits: Limits, unknown: UnknownName | undefined): unknown {
  if (error instanceof LingotError) return error
  if (!(error instanceof pg.DatabaseError)) {
    const failed = `PostgreSQL could not answer: ${reasonOf(error)}.`
    return new LingotError('server', failed, 'See `lingot doctor`.', { cause: error })
  }
  if (error.code === '57014') return tookTooLong(limits)
  // PostgreSQL tells of a parameter without a value as of a breach of the protocol.
  if (error.code === '08P01') {
    return new StatementError('The statement has parameters, as $1, which have no values.', 'Write the values in it.')
  }
  // Connections, resources and the server's own end are no fault of the statement.
  if (/^(08|28|3D|53|57P|58)/.test(error.code ?? '')) {
    return new LingotError('server', `PostgreSQL could not answer: ${reasonOf(error)}.`, 'See `lingot doctor`.')
  }
  const position = Number(error.position) - CURSOR.length
  // What PostgreSQL takes for meant may be a name that who asks may not read.
  const next = unknown === undefined ? (isHidden(error) ? undefined : error.hint) : unknown.next
  return new StatementError(
    unknown?.message ?? `${reasonOf(error)}.`,
    next ?? (NO_QUERY.has(error.code ?? '') ? WHAT_MAY : 'Correct it; docs/data-dictionary.md names what gold has.'),
    position > 0 ? position : undefined,
  )
}

/** What PostgreSQL says of what is no query: syntax, features that are not there, and what may not be done here. */
const NO_QUERY = new Set(['42601', '0A000', '25001', '25006'])
const WHAT_MAY = 'One query may be asked, which only reads: it begins with SELECT, WITH, VALUES or TABLE.'
