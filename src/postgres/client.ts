import pg from 'pg'
import { LingotError, reasonOf } from '../system/errors.ts'

/** A client for PostgreSQL, as every part of Lingot connects. */
export function postgresClient(uri: string, settings: Omit<pg.ClientConfig, 'connectionString'> = {}): pg.Client {
  const client = new pg.Client({
    ...settings,
    connectionString: withoutTimeout(verifying(uri)),
    application_name: 'lingot',
  })
  // A connection that breaks while idle is met at the next query; without a listener it would end the process.
  client.on('error', () => undefined)
  return client
}

/** Connections for many readers at a time, opened when they are needed. */
export function postgresPool(uri: string, settings: Omit<pg.PoolConfig, 'connectionString'> = {}): pg.Pool {
  const pool = new pg.Pool({
    ...settings,
    connectionString: withoutTimeout(verifying(uri)),
    application_name: 'lingot',
  })
  // As above, whether the connection is in use or not.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

const TIMEOUT = /([?&])statement_timeout=([^&]*)&?/

/** How many milliseconds a connection string gives a statement. */
export function timeoutOf(uri: string): number | undefined {
  return Number.parseInt(TIMEOUT.exec(uri)?.[2] ?? '', 10) || undefined
}

/** A pooler refuses it as a parameter of the connection; in a transaction it can be set. */
function withoutTimeout(uri: string): string {
  return uri.replace(TIMEOUT, '$1').replace(/[?&]$/, '')
}

/** The database that a connection string leads to. */
export function databaseOf(uri: string): string {
  return postgresClient(uri).database ?? ''
}

/**
 * The driver takes these modes for verify-full, warns that it may not always do so, and has libpq's weaker ones where
 * that is asked for. Said outright, the certificate and its host name are verified whatever the driver's version.
 */
function verifying(uri: string): string {
  if (/[?&]uselibpqcompat=true(?=&|$)/.test(uri)) return uri
  return uri.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/g, '$1verify-full')
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

/** Looks first: `if not exists` asks for the right to create schemas even where it is there. */
export async function createSchema(
  client: pg.Client,
  schema: string,
  run: (statement: string) => Promise<unknown> = (statement) => client.query(statement),
): Promise<void> {
  const { rowCount } = await client.query('select from pg_namespace where nspname = $1', [schema])
  if (rowCount === 0) await run(`create schema if not exists ${pg.escapeIdentifier(schema)}`)
}

/** Does some work over a connection of its own. */
export async function withPostgres<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url)
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
