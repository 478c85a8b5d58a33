import pg from 'pg'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { holderOf, namedIn } from '../contracts/owners.ts'
import { withPostgres } from '../postgres/client.ts'
import { quoted } from '../postgres/quoting.ts'
import { besideOf, RUNS } from './beside.ts'
import { type Model, modelsOf, type Shop } from './models.ts'

/** What tells which columns of gold may name somebody. */
interface Told {
  schema: string
  tables: readonly { model: Pick<Model, 'name' | 'from'> }[]
  contracts: readonly Contract[]
}

/** Takes the rows of a person out of what is kept of the gold before. */
export async function forget(client: pg.ClientBase, told: Told, id: string): Promise<void> {
  for (const { table, column } of await naming(client, told)) {
    await client.query(`delete from ${table} where ${column} = $1`, [id])
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
): Promise<{ table: string; column: string }[]> {
  const { rows } = besideOf(schema)
  const { rows: texts } = await client.query<{ table: string; column: string }>(
    `select relname::text as table, attname::text as column
     from pg_class inner join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
     where relnamespace = to_regnamespace($1) and relkind = 'r' and relname <> $2 and atttypid = 'text'::regtype
       and obj_description(pg_class.oid, 'pg_class') like E'%\\n\\nLingot\\nColumns of %: %'`,
    [pg.escapeIdentifier(rows), RUNS],
  )
  const owners = contracts.flatMap((contract) => [holderOf(contract) ?? [], namedIn(contract)].flat())
  const whose = owners.flatMap(({ columns }) => columns)
  const others = contracts.flatMap(columnsOf).flatMap(([name]) => (whose.includes(name) ? [] : [name]))
  return texts.flatMap(({ table, column }) => {
    const source = tables.find(({ model }) => model.name === table)?.model.from[column]?.split('.')[1] ?? column
    return others.includes(source) ? [] : [{ table: quoted(rows, table), column: pg.escapeIdentifier(column) }]
  })
}
