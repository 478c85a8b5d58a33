import { Socket } from 'node:net'
import pg from 'pg'
import { postgresClient } from '../connection.ts'
import { LingotError, reasonOf } from '../errors.ts'
import { beginReading, columnsOf } from '../gold/reader.ts'
import { isHidden } from '../messages.ts'
import type { Result } from './api.ts'
import { Refusal } from './problem.ts'

/** Puts statements of one's own to gold. */
export type Ask = (sql: string, signal: AbortSignal) => Promise<Result>

const TIMEOUT_MS = 10_000
const MOST_ROWS = 1000
const MOST_BYTES = 16 * 2 ** 20
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
export function statements(postgresUrl: string, schema: string): Ask {
  let underWay = 0
  return async (sql, signal) => {
    if (underWay >= AT_ONCE) {
      throw new Refusal(503, 'busy', `${AT_ONCE} statements are under way already.`, 'Try again when one has ended.')
    }
    underWay++
    try {
      return await ask(postgresUrl, schema, sql, signal)
    } finally {
      underWay--
    }
  }
}

async function ask(postgresUrl: string, schema: string, sql: string, signal: AbortSignal): Promise<Result> {
  const socket = new Socket()
  const limit = limitBytes(socket)
  const client = postgresClient(postgresUrl, {
    connectionTimeoutMillis: 5000,
    stream: () => socket,
    types: { getTypeParser: () => (text: string) => text },
  })
  let pid: string | undefined
  const cancel = () => {
    if (pid !== undefined) void cancelStatement(postgresUrl, pid).catch(() => undefined)
  }
  signal.addEventListener('abort', cancel)
  try {
    await client.connect()
    await beginReading(client, schema, TIMEOUT_MS)
    const { rows } = await client.query<{ pid: string }>('select pg_backend_pid() as pid')
    // Behind a pooler another client may have the backend by the time that it is met: there its time ends a statement.
    if ('processID' in client && rows[0]?.pid === String(client.processID)) pid = rows[0].pid
    signal.throwIfAborted()
    const started = performance.now()
    const one = { text: CURSOR + sql, queryMode: 'extended' } as const
    await client.query(one)
    const fetched = await client.query<(string | null)[]>({
      text: `fetch forward ${MOST_ROWS + 1} from result`,
      rowMode: 'array',
    })
    return {
      columns: columnsOf(fetched.fields).map(({ name, type }) => ({ name, type })),
      rows: fetched.rows.slice(0, MOST_ROWS),
      isCut: fetched.rows.length > MOST_ROWS,
      seconds: (performance.now() - started) / 1000,
    }
  } catch (error) {
    throw limit.isExceeded() ? tooLarge() : statementError(error)
  } finally {
    signal.removeEventListener('abort', cancel)
    limit.end()
    await client.end().catch(() => undefined)
  }
}

/** Ends a statement of the same user from beside it. */
async function cancelStatement(postgresUrl: string, pid: string): Promise<void> {
  const client = postgresClient(postgresUrl, { connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
    await client.query('select pg_cancel_backend($1)', [pid])
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Ends a connection that brings more than there is room for: what is read is not known to be large before it is there. */
function limitBytes(socket: Socket): { isExceeded: () => boolean; end: () => void } {
  const isExceeded = () => socket.bytesRead > MOST_BYTES
  const timer = setInterval(() => isExceeded() && socket.destroy(), 20)
  return { isExceeded, end: () => clearInterval(timer) }
}

function tooLarge(): StatementError {
  return new StatementError(
    `The rows are larger than ${MOST_BYTES / 2 ** 20} MB.`,
    'Ask for fewer columns, or for fewer rows with LIMIT.',
  )
}

function statementError(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) {
    const failed = `PostgreSQL could not answer: ${reasonOf(error)}.`
    return new LingotError('server', failed, 'See `lingot doctor`.', { cause: error })
  }
  // Connections, resources and the server's own end are no fault of the statement.
  if (/^(08|28|3D|53|57P|58|XX)/.test(error.code ?? '')) {
    return new LingotError('server', `PostgreSQL could not answer: ${reasonOf(error)}.`, 'See `lingot doctor`.')
  }
  if (error.code === '57014') {
    return new StatementError(
      `PostgreSQL ended the statement: it took longer than ${TIMEOUT_MS / 1000} seconds.`,
      'Make it cheaper: read fewer rows, as with WHERE, or join less.',
    )
  }
  const position = Number(error.position) - CURSOR.length
  return new StatementError(
    `${reasonOf(error)}.`,
    (isHidden(error) ? undefined : error.hint) ??
      (NO_QUERY.has(error.code ?? '') ? WHAT_MAY : 'Correct it; docs/data-dictionary.md names what gold has.'),
    position > 0 ? position : undefined,
  )
}

/** What PostgreSQL says of what is no query: syntax, features that are not there, and what may not be done here. */
const NO_QUERY = new Set(['42601', '0A000', '25001', '25006'])
const WHAT_MAY = 'One query may be asked, which only reads: it begins with SELECT, WITH, VALUES or TABLE.'
