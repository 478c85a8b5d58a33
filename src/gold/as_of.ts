import { hash } from 'node:crypto'
import pg from 'pg'
import { quoted } from '../postgres/quoting.ts'
import { type GoldQuery, readGold } from '../postgres/reader.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { besideOf, type Column, RUNS } from './beside.ts'
import { commentWithMark } from './mark.ts'
import { columnsOf } from './shape.ts'
import { GOLD_RUN, type Planned } from './standing.ts'

/** The setting of a session that says as of when gold is shown: a time, or a run. */
export const AS_OF = 'lingot.as_of'

/** The function that finds the run that is asked for. */
export const ASKED = 'asked'

/** It gives that run's number, to whoever reads any table; one after every run where nothing is set. */
export function asked(schema: string): { sql: string; version: string } {
  const { rows } = besideOf(schema)
  const runs = quoted(rows, RUNS)
  const sql = `create or replace function ${quoted(rows, ASKED)}() returns int language plpgsql stable parallel safe
security definer set search_path to pg_catalog, pg_temp as $body$
declare
  as_of text := nullif(current_setting('${AS_OF}', true), '');
  asked int;
begin
  if as_of is null then return ${EVERY}; end if;
  if ${isChangedWithout(schema)} then
    raise exception 'gold was changed without its history' using errcode = 'invalid_parameter_value';
  end if;
  select max(number) into asked from ${runs} where run = as_of;
  if asked is null then select max(number) into asked from ${runs} where ${PUBLISHED} <= as_of::timestamptz; end if;
  if asked is null then
    raise exception 'gold has a history since %, and none of %', (select min(${PUBLISHED}) from ${runs}), as_of
      using errcode = 'invalid_parameter_value';
  end if;
  return asked;
end $body$`
  return { sql, version: versionOf(sql) }
}

/** Whether the gold in place is not that which the history ends with: told by the run of all of it, which goes into both. */
function isChangedWithout(schema: string): string {
  const runs = quoted(besideOf(schema).rows, RUNS)
  return `(select gold_run from ${runs} order by number desc limit 1)
    is distinct from (select run from ${quoted(schema, GOLD_RUN)} limit 1)`
}

/** What tells whether something that stands beside gold is what it should be. */
function versionOf(sql: string): string {
  return hash('md5', sql).slice(0, 8)
}

const EVERY = 2 ** 31 - 1

/** To the millisecond, as it is shown: the time that is printed leads to its run. */
const PUBLISHED = "date_trunc('milliseconds', published_at)"

/**
 * The view that shows a table as it was: personal columns are those of the row in place, where there is one. It stands upon a
 * function of its name, for a view keeps whoever owns tables from changing them.
 */
export function viewAsOf(
  schema: string,
  planned: Planned,
  kept: readonly Column[],
): { create: string[]; comment: string } {
  const { model } = planned
  const { rows, views } = besideOf(schema)
  const view = quoted(views, model.name)
  const [now, then] = [quoted(schema, model.name), quoted(rows, model.name)]
  const columns = columnsOf(planned).map(({ name, type }) => {
    return { name: pg.escapeIdentifier(name), type, isKept: kept.some((column) => column.name === name) }
  })
  const key = model.key.map(pg.escapeIdentifier)
  const sameKey = key.map((name) => `place.${name} = entry.${name}`).join(' and ')
  const later = `to_run > (select ${quoted(rows, ASKED)}())`
  const place = columns.every(({ isKept }) => isKept) ? '' : `\nleft join ${now} as place on ${sameKey}`
  // What is asked for is looked up even where no row has to be: nobody is shown gold of a time that nobody knows.
  const sql = `create function ${view}() returns table (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})
language sql stable parallel safe as $body$
select ${columns.map(({ name }) => `place.${name}`).join(', ')}
from ${now} as place
where (select ${quoted(rows, ASKED)}()) is not null
  and not exists (select from ${then} as entry where entry.${later} and ${sameKey})
union all
select ${columns.map(({ name, isKept }) => `${isKept ? 'entry' : 'place'}.${name}`).join(', ')}
from (select distinct on (${key.join(', ')}) * from ${then} where ${later} order by ${key.join(', ')}, to_run) as entry${place}
where not entry.is_absent
$body$`
  const description = `${model.name} as it was when ${AS_OF} says (${versionOf(sql)}).`
  const comment = commentWithMark(model.name, description, { shop: null, columns: [] })
  return {
    create: [
      sql,
      `grant execute on function ${view}() to public`,
      `create view ${view} as select * from ${view}()`,
      `comment on view ${view} is ${pg.escapeLiteral(comment)}`,
    ],
    comment,
  }
}

/** What drops such a view, and what it stands upon. */
export function droppingView(views: string, name: string): string[] {
  return [`drop view if exists ${quoted(views, name)}`, `drop function if exists ${quoted(views, name)}()`]
}

/** A run, or a time: as of the one gold is shown as that run left it, as of the other as it was then. */
export type AsOf = { run: string } | { time: Date }

/** The run that published the gold that is shown. */
export interface Shown {
  run: string
  published: string
}

/** Reads what somebody writes: a run, a time, or a day, of which the end counts in the zone of the shop. */
export async function readAsOf(text: string, zone = 'UTC'): Promise<AsOf> {
  if (/^[0-9a-f]{24}$/.test(text)) return { run: text }
  const { DateTime } = await import('luxon')
  const time = DateTime.fromISO(text, { zone })
  if (!time.isValid) {
    throw new LingotError('usage', 'This is no day, time or run.', 'Name one: --as-of 2026-11-01')
  }
  return { time: (/^\d{4}-\d\d-\d\d$/.test(text) ? time.endOf('day') : time).toJSDate() }
}

/** As a session is told. */
export function asOfSetting(asOf: AsOf): string {
  return 'run' in asOf ? asOf.run : asOf.time.toISOString()
}

/** Lets what follows in a transaction see gold as it was; throws where nobody knows. */
export async function goBack(query: GoldQuery, schema: string, asOf: AsOf): Promise<Shown> {
  const { rows, views } = besideOf(schema)
  const runs = quoted(rows, RUNS)
  const { rows: found } = await query('select to_regclass($1)', [runs])
  if (found[0]?.[0] == null) {
    const next = 'It begins with the next run, unless `history: { gold: false }` says otherwise.'
    throw new LingotError('data', 'Gold has no history yet.', next)
  }
  const asked = asOfSetting(asOf)
  const which = 'run' in asOf ? 'run = $1' : `${PUBLISHED} <= $1::timestamptz`
  const time = (of: string) => `to_char(${of} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  const { rows: told } = await query(
    `select
       (select run from ${runs} where ${which} order by number desc limit 1),
       (select ${time(PUBLISHED)} from ${runs} where ${which} order by number desc limit 1),
       (select ${time(`min(${PUBLISHED})`)} from ${runs}),
       ${isChangedWithout(schema)}`,
    [asked],
  )
  const [run = null, published = null, since = null, isOther] = told[0] ?? []
  if (isOther === 't') {
    const next = 'The next `lingot run` begins it anew; `lingot grants` prints the rights that it takes to keep it.'
    throw new LingotError('data', 'Gold was changed without its history, which does not lead to it.', next)
  }
  if (run === null || published === null) {
    const what = 'run' in asOf ? `knows no run ${asked}` : `knows nothing of ${asked}`
    throw new LingotError('data', `Gold's history begins at ${since} and ${what}.`, 'Name a later day, or a run since.')
  }
  await query("select set_config('search_path', $1, true), set_config($2, $3, true)", [
    pg.escapeIdentifier(views),
    AS_OF,
    run,
  ])
  return { run, published }
}

/** What a question asks for that gold's history does not have. */
export function lacking(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError && /^42(P01|703)$/.test(error.code ?? ''))) return error
  const what = `Gold's history does not have what this asks for: ${reasonOf(error)}.`
  return new LingotError('data', what, 'It has the tables that models make, with their own columns.', { cause: error })
}

/** Since when there is a history of gold, for who may read it; null where there is none. */
export async function knownSince(query: GoldQuery, schema: string): Promise<string | null> {
  const runs = quoted(besideOf(schema).rows, RUNS)
  const { rows: there } = await query("select has_table_privilege(to_regclass($1), 'select')", [runs])
  if (there[0]?.[0] !== 't') return null
  const { rows } = await query(`select extract(epoch from min(published_at)) * 1000 from ${runs}`)
  const [since = null] = rows[0] ?? []
  return since === null ? null : new Date(Math.floor(Number(since))).toISOString()
}

/** Since when there is a history of gold, of how many runs, and what it takes on disk; null where there is none. */
export function historyIn(
  postgresUrl: string,
  schema: string,
): Promise<{ since: Date; runs: number; bytes: number } | null> {
  const { rows } = besideOf(schema)
  return readGold(postgresUrl, schema, async (query) => {
    const runs = quoted(rows, RUNS)
    const { rows: there } = await query("select to_regclass($1), has_table_privilege(to_regclass($1), 'select')", [
      runs,
    ])
    if (there[0]?.[1] !== 't') return null
    const { rows: told } = await query(
      `select extract(epoch from min(published_at)) * 1000, count(*), (
         select sum(pg_total_relation_size(oid)) from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r'
       ) from ${runs}`,
      [pg.escapeIdentifier(rows)],
    )
    const [since = null, count, bytes] = told[0] ?? []
    return since === null
      ? null
      : { since: new Date(Math.floor(Number(since))), runs: Number(count), bytes: Number(bytes) }
  })
}
