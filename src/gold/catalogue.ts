import type { GoldRows } from '../postgres/reader.ts'

/** A column of a table, as PostgreSQL tells of it to who may read it. */
export interface ReadableColumn {
  table: string
  column: string
  /** As PostgreSQL writes it: `numeric(38,2)`. */
  type: string
}

/** The columns of a schema's tables that whoever asks may read, in their order. */
export async function readableColumns(
  query: (text: string, values: readonly string[]) => Promise<Pick<GoldRows, 'rows'>>,
  schema: string,
): Promise<ReadableColumn[]> {
  const { rows } = await query(READABLE, [schema])
  return rows.map(([table, column, type]) => ({ table: table ?? '', column: column ?? '', type: type ?? '' }))
}

/** With its schemas, whatever else may be called so where somebody looks first. */
const READABLE = `select relname, attname, pg_catalog.format_type(atttypid, atttypmod)
from pg_catalog.pg_attribute
inner join pg_catalog.pg_class on pg_class.oid = attrelid
inner join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
where
    nspname = $1
    and relkind in ('r', 'p', 'v', 'm', 'f')
    and attnum > 0
    and not attisdropped
    and pg_catalog.has_schema_privilege(relnamespace, 'usage')
    and pg_catalog.has_column_privilege(attrelid, attnum, 'select')
order by relname, attnum`
