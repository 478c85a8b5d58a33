import pg from 'pg'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { namingColumns } from '../contracts/owners.ts'
import { withPostgres } from '../postgres/client.ts'
import { quoted } from '../postgres/quoting.ts'
import { besideOf, RUNS } from './beside.ts'
import { markInComment } from './mark.ts'
import { type Model, modelsOf, type Shop } from './models.ts'

/** What tells which columns of gold may name somebody. */
interface Told {
  schema: string
  tables: readonly { model: Pick<Model, 'name' | 'from'> }[]
  contracts: readonly Contract[]
}

/**
 * Takes a person out of what is kept of the gold before: the rows that are theirs, and the name from those of others. Without
 * an entry, the row in place would be shown as of the time of the entry.
 */
export async function forget(client: pg.ClientBase, told: Told, id: string): Promise<void> {
  for (const { table, column, isKey } of await naming(client, told)) {
    const taken = isKey ? `delete from ${table}` : `update ${table} set ${column} = null`
    await client.query(`${taken} where ${column} = $1`, [id])
  }
}

/** Whether anything that is kept of the gold before names a person. */
export function isInHistory(
  postgresUrl: string,
  { goldSchema, ...shop }: Shop & { goldSchema: string; contracts: readonly Contract[] },
  id: string,
): Promise<boolean> {
  const tables = modelsOf(shop).map((model) => ({ model }))
  return withPostgres(postgresUrl, async (client) => {
    for (const { table, column } of await naming(client, { schema: goldSchema, tables, contracts: shop.contracts })) {
      const { rowCount } = await client.query(`select from ${table} where ${column} = $1 limit 1`, [id])
      if (rowCount === 1) return true
    }
    return false
  })
}

/** The columns that may: all texts but those that silver knows as something else. */
async function naming(
  client: pg.ClientBase,
  { schema, tables, contracts }: Told,
): Promise<{ table: string; column: string; isKey: boolean }[]> {
  const { rows } = besideOf(schema)
  const { rows: texts } = await client.query<{ table: string; column: string; comment: string }>(
    `select relname::text as table, attname::text as column, obj_description(pg_class.oid, 'pg_class') as comment
     from pg_class inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
     where relnamespace = to_regnamespace($1) and relkind = 'r' and relname <> $2 and atttypid = 'text'::regtype
       and obj_description(pg_class.oid, 'pg_class') like E'%\\n\\nLingot\\nColumns of %: %'`,
    [pg.escapeIdentifier(rows), RUNS],
  )
  const whose = contracts.flatMap(namingColumns)
  const others = contracts.flatMap(columnsOf).flatMap(([name]) => (whose.includes(name) ? [] : [name]))
  return texts.flatMap(({ table, column, comment }) => {
    const source = tables.find(({ model }) => model.name === table)?.model.from[column]?.split('.')[1] ?? column
    if (others.includes(source)) return []
    const isKey = markInComment(table, comment)?.columns.includes(column) ?? false
    return [{ table: quoted(rows, table), column: pg.escapeIdentifier(column), isKey }]
  })
}
