import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { postgresClient } from '../postgres/client.ts'
import { LingotError } from '../system/errors.ts'

/** How long those are waited for who hold what is needed. */
export interface Patience {
  /** Who else may be asked while the connection itself waits. */
  url: string
  seconds: number
  onNote?: ((note: string) => void) | undefined
}

/** Whether and how long who publishes waits. */
export interface WaitOptions {
  /** In seconds. */
  publishWait: number
  /** Waits for hardly anybody. */
  noWait?: boolean
}

export function secondsToWait({ publishWait, noWait = false }: WaitOptions): number {
  return noWait ? Math.min(publishWait, HARDLY) : publishWait
}

/** How long somebody is waited for who hardly is, in seconds. */
export const HARDLY = 5

/** What is said of who holds something, so often. */
const TELL_MS = 5000
const LOOK_MS = 1000

/** Runs a statement that may have to wait for others; says for whom, and throws where it takes too long. */
export async function patiently(
  client: pg.Client,
  what: string,
  statement: string,
  { url, seconds, onNote }: Patience,
): Promise<void> {
  const limit = seconds * 1000
  // That of a lock stays: statements that come after may wait as well.
  const limits = (statement: number) =>
    client.query<{ pid: number }>(
      "select set_config('lock_timeout', $1, true), set_config('statement_timeout', $2, true), pg_backend_pid() as pid",
      [String(limit), String(statement)],
    )
  const { rows } = await limits(limit)
  const over = new AbortController()
  let last: string | undefined
  void watch(url, rows[0]?.pid, over.signal, (holders, isTold) => {
    last = holders ?? last
    if (isTold) onNote?.(`Waiting for ${what}: ${last ?? 'PostgreSQL does not say who holds it'}.`)
  })
  const begun = performance.now()
  try {
    await client.query(statement)
  } catch (error) {
    throw tookTooLong(error, performance.now() - begun, limit)
      ? new LingotError(
          'publish',
          `Gold could not be published, the old tables stay: ${what} was not free within ${seconds} s; ${last ?? 'PostgreSQL does not say who held it'}.`,
          'Have that transaction ended, or wait longer: LINGOT_PUBLISH_WAIT, or publishWait in the configuration file.',
          { cause: error },
        )
      : error
  } finally {
    over.abort()
  }
  await limits(0)
}

/**
 * Takes a lock, as {@link patiently} does where it is not free; tells whether it was, so that what was seen just before
 * still counts.
 */
export async function lockPatiently(
  client: pg.Client,
  what: string,
  lock: string,
  patience: Patience,
): Promise<boolean> {
  const limits = `set local lock_timeout = ${patience.seconds * 1000}; set local statement_timeout = 0`
  try {
    await client.query(`${limits}; savepoint free; ${lock} nowait`)
    return true
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === LOCKED)) throw error
  }
  await client.query('rollback to savepoint free')
  await patiently(client, what, lock, patience)
  return false
}

/** A statement that somebody cancels ends with the code of one that took too long. */
function tookTooLong(error: unknown, milliseconds: number, limit: number): boolean {
  if (!(error instanceof pg.DatabaseError)) return false
  return error.code === LOCKED || (error.code === '57014' && milliseconds >= limit - CLOCKS_MS)
}

const LOCKED = '55P03'

/** How far the clock of PostgreSQL may be apart from this one over a wait. */
const CLOCKS_MS = 100

/** Looks every second who is in the way of a connection, and has it told every five. */
async function watch(
  url: string,
  pid: number | undefined,
  over: AbortSignal,
  tell: (holders: string | undefined, isTold: boolean) => void,
): Promise<void> {
  for (let looks = 1; ; looks++) {
    await setTimeout(LOOK_MS, undefined, { signal: over }).catch(() => undefined)
    if (over.aborted) return
    const holders = await holdersBefore(url, pid)
    if (!over.aborted) tell(holders.map(describeHolder).join(', ') || undefined, (looks * LOOK_MS) % TELL_MS === 0)
  }
}

/** None where another connection is refused, or is more than a pooler has. */
async function holdersBefore(url: string, pid: number | undefined): Promise<LockHolder[]> {
  const client = postgresClient(url, { connectionTimeoutMillis: LOOK_MS, query_timeout: LOOK_MS })
  try {
    await client.connect()
    return (await client.query<LockHolder>(HOLDERS, [pid])).rows
  } catch {
    return []
  } finally {
    void client.end().catch(() => undefined)
  }
}

interface LockHolder {
  pid: number
  role: string | null
  program: string | null
  state: string | null
  since: string | null
  locks: string | null
}

/** What this role may not see of others is null. */
const HOLDERS = `
  select
    pid,
    usename::text as role,
    application_name as program,
    state,
    to_char(xact_start at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as since,
    (
      select string_agg(distinct held.relation::regclass || ' in ' || replace(held.mode, 'Lock', ' mode'), ', ')
      from pg_locks as held inner join pg_locks as wanted on wanted.pid = $1 and not wanted.granted
        and wanted.relation = held.relation and wanted.database = held.database
      where held.pid = blocker.pid and held.granted
    ) as locks
  from unnest(pg_blocking_pids($1)) as blocker(pid) left join pg_stat_activity using (pid)
  order by pid`

/** `anna with psql (process 4711) holds gold.gold_run in ShareLock, in a transaction since …` */
function describeHolder({ pid, role, program, state, since, locks }: LockHolder): string {
  const who = `${role ?? 'somebody'}${program ? ` with ${program}` : ''} (process ${pid})`
  const what = locks === null ? 'is in front' : `holds ${locks}`
  const when = since === null ? 'since when this user may not see' : `in a transaction since ${since} UTC`
  return `${who} ${what}, ${when}${state?.startsWith('idle in transaction') ? ', which is idle' : ''}`
}
