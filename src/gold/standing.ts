import type pg from 'pg'
import { markInComment, type TableMark } from './mark.ts'
import type { Model } from './models.ts'

/** Names the run that made the gold in place; who publishes holds it. */
export const GOLD_RUN = 'gold_run'

/** A gold table as it is to be, before or after it is built. */
export interface Planned {
  model: Pick<Model, 'name' | 'key' | 'description' | 'columns' | 'plain' | 'tests' | 'personal' | 'from'>
  /** With types as DuckDB calls them. */
  columns: { name: string; type: string }[]
}

/** What stands in a schema under a name of gold's, or carries a mark of Lingot's. */
export interface Standing {
  name: string
  /** `table`, `view`, `index`, … */
  kind: string
  oid: string
  /** None where Lingot did not make it. */
  mark: TableMark | undefined
  /** Whether it is of a version that put no marks: which columns are Lingot's is told by their comments. */
  isOlder: boolean
  /** What it says of itself, the mark included. */
  comment: string | null
  columns: { name: string; number: number; type: string; notNull: boolean; isFilled: boolean; comment: string | null }[]
  key: string[]
  keyName: string | null
  /** Whether this user may change it. */
  isOwned: boolean
  /** Whether the user may read it. */
  isReadable: boolean
  /** Whether row security hides rows of it from this user. */
  isHidden: boolean
  /** Whether rights on it were never given or taken. */
  isUngranted: boolean
  /** Whether triggers or rules may meet its rows. */
  isWatched: boolean
}

/** What stands under some names, and whatever else of the schema carries a mark. */
export async function standing(client: pg.ClientBase, schema: string, names: readonly string[]): Promise<Standing[]> {
  const { rows } = await client.query<Found>(STANDING, [schema, [...names, ...OLDER_TABLES]])
  const run = rows.find(({ name }) => name === GOLD_RUN)
  const isOlderGold = run !== undefined && isOlderTable(run) && hasOlderRun(run)
  return rows.flatMap((table) => {
    const mark = table.kind === 'table' ? markInComment(table.name, table.comment) : undefined
    const isOlder = isOlderGold && mark === undefined && isOlderTable(table)
    if (mark === undefined && !isOlder && !names.includes(table.name)) return []
    return { ...table, isOlder, mark: isOlder ? { shop: null, columns: table.key } : mark }
  })
}

type Found = Omit<Standing, 'mark' | 'isOlder'>

/** The tables of the version that put no mark into its comments: what it made is known by all that it put there. */
const OLDER_TABLES: ReadonlySet<string> = new Set([
  ...['campaign_performance', 'campaign_spending', 'country_statistics', 'customer_activity', 'customer_cohorts'],
  ...['customer_distribution', 'customer_metrics', 'customer_segments', GOLD_RUN, 'monthly_revenue', 'monthly_sales'],
  ...['product_activity', 'product_performance', 'reconciliation'],
])

/** It described every table that it made, gave it a key, and described its columns, but those that a user added. */
function isOlderTable({ name, kind, columns, key, comment }: Found): boolean {
  const isMeant = (column: string) => columns.some((other) => other.name === column && other.comment !== null)
  return kind === 'table' && OLDER_TABLES.has(name) && comment !== null && key.length > 0 && key.every(isMeant)
}

function hasOlderRun({ columns, key }: Found): boolean {
  const typeOf = (column: string) => columns.find(({ name }) => name === column)?.type
  return key.join() === 'run' && typeOf('run') === 'text' && typeOf('started') === 'timestamp without time zone'
}

/** By the letters of PostgreSQL's catalogues. */
const KINDS = {
  relations: {
    ...{ r: 'table', p: 'partitioned table', v: 'view', m: 'materialized view', f: 'foreign table' },
    ...{ S: 'sequence', i: 'index', I: 'index', c: 'type', t: 'table' },
  },
  types: { b: 'type', c: 'type', d: 'domain', e: 'type', m: 'type', p: 'type', r: 'type' },
}

const STANDING = `
  select
    c.oid::text,
    c.relname::text as name,
    coalesce('${JSON.stringify(KINDS.relations)}'::json ->> c.relkind::text, 'relation') as kind,
    obj_description(c.oid, 'pg_class') as comment,
    pg_has_role(c.relowner, 'usage') as "isOwned",
    has_table_privilege(c.oid, 'select') as "isReadable",
    row_security_active(c.oid) as "isHidden",
    relacl is null as "isUngranted",
    relhastriggers or relhasrules as "isWatched",
    coalesce((
      select json_agg(json_build_object(
        'name', attname, 'number', attnum, 'type', format_type(atttypid, atttypmod), 'notNull', attnotnull,
        'isFilled', atthasdef or attidentity <> '', 'comment', col_description(attrelid, attnum)
      ) order by attnum)
      from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
    ), '[]') as columns,
    coalesce((
      select array_agg(attname::text order by array_position(indkey::int2[], attnum))
      from pg_attribute where attrelid = c.oid and attnum = any(indkey)
    ), '{}') as key,
    coalesce(
      (select conname::text from pg_constraint where conindid = indexrelid and contype = 'p'),
      (select min(conname::text) from pg_constraint
       where conrelid = c.oid and contype = 'x' and conname ~ '_[0-9a-f]{8}_key$')
    ) as "keyName"
  from pg_class c left join pg_index on indrelid = c.oid and indisprimary
  where relnamespace = (select oid from pg_namespace where nspname = $1)
    and (relname = any($2) or relkind = 'r' and obj_description(c.oid, 'pg_class') like E'%\\n\\nLingot%\\nColumns of %: %')
  union all
  select
    oid::text, typname::text, coalesce('${JSON.stringify(KINDS.types)}'::json ->> typtype::text, 'type'),
    null, false, false, false, false, false, '[]', '{}', null
  from pg_type
  where typnamespace = (select oid from pg_namespace where nspname = $1) and typname = any($2)
    and not exists (select from pg_class where reltype = pg_type.oid)
  order by name`
