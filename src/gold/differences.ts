import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { quoted } from '../postgres/quoting.ts'
import { keptFromArriving } from './obstacles.ts'
import { columnsOf, listed } from './shape.ts'
import type { Standing } from './standing.ts'
import type { GoldTable } from './warehouse.ts'

/** Where the rows of a finished table go. */
interface Destination {
  schema: string
  /** Puts them into the one of this quoted name. */
  fill: (client: pg.Client, into: string, table: GoldTable) => Promise<void>
}

/**
 * Puts the rows of a table in place of those that are there, and writes only what differs: rows whose key is gone, rows
 * that changed, rows that are new.
 */
export async function exchange(
  client: pg.Client,
  { schema, fill }: Destination,
  table: GoldTable,
  { isWatched }: Pick<Standing, 'isWatched'>,
): Promise<void> {
  const { model } = table
  const into = quoted(schema, model.name)
  // Beside the table, in this transaction alone: a temporary one would need another right.
  const next = quoted(schema, `next.${randomBytes(4).toString('hex')}.${model.name}`)
  const columns = columnsOf(table).map(({ name, type }) => ({ name: pg.escapeIdentifier(name), type }))
  await client.query(`create unlogged table ${next} (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`)
  await fill(client, next, table)

  const all = (of: string) => `row(${columns.map(({ name }) => `${of}.${name}`).join(', ')})::record`
  const key = (of: string) => `(${model.key.map((name) => `${of}.${pg.escapeIdentifier(name)}`).join(', ')})`
  const hasKey = `${key('next')} = ${key('old')}`
  // By their bytes: under a collation texts may be equal that differ.
  const isOther = `${all('old')} *<> ${all('next')}`
  const isSame = `${all('old')} *= ${all('next')}`
  const changed = `from ${next} as next where ${hasKey} and ${isOther}`
  const sets = columns.map(({ name }) => `${name} = next.${name}`).join(', ')
  const gone = (isThere: string) =>
    `delete from only ${into} as old where not exists (select from ${next} as next where ${isThere})`
  const update = `update only ${into} as old set ${sets} ${changed}`
  const insert = `insert into ${into} (${listed(table)}) select ${listed(table)} from ${next} as next
    where not exists (select from only ${into} as old where ${hasKey})`

  // PostgreSQL knows little of rows that were copied a moment ago: it must not look them up one by one.
  await client.query('savepoint differences; set local enable_nestloop = off')
  try {
    await client.query(gone(hasKey))
    const wanted = isWatched
      ? await count(client, `select from only ${into} as old, ${next} as next where ${hasKey} and ${isOther}`)
      : undefined
    const { rowCount } = await client.query(update)
    if (wanted !== undefined && wanted !== rowCount) {
      throw await keptFromArriving(client, schema, model.name, `took ${rowCount} of ${wanted} rows that changed`)
    }
    await client.query(insert)
  } catch (error) {
    // Rows that change places may meet in a unique index of the user's own.
    if (!(error instanceof pg.DatabaseError && /^23(505|P01)$/.test(error.code ?? ''))) throw error
    await client.query(
      `rollback to differences; set local enable_nestloop = off; ${gone(`${hasKey} and ${isSame}`)}; ${insert}`,
    )
  }
  await client.query(`release differences; set local enable_nestloop to default; drop table ${next}`)
}

async function count(client: pg.Client, rows: string): Promise<number> {
  const { rows: counted } = await client.query<{ count: string }>(`select count(*) from (${rows}) as rows`)
  return Number(counted[0]?.count)
}
