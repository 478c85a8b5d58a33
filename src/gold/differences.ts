import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { quoted } from '../postgres/quoting.ts'
import { keptFromArriving } from './obstacles.ts'
import { columnsOf, listed } from './shape.ts'
import type { Standing } from './standing.ts'
import type { Keeper } from './undo.ts'
import type { GoldTable } from './warehouse.ts'

/** Where the rows of a finished table go. */
interface Destination {
  schema: string
  /** Puts them into the one of this quoted name. */
  fill: (client: pg.Client, into: string, table: GoldTable) => Promise<void>
}

/**
 * Puts the rows of a table in place of those that are there, and writes only what differs: rows whose key is gone, rows
 * that changed, rows that are new. What they replace is kept where somebody keeps it.
 */
export async function exchange(
  client: pg.Client,
  { schema, fill }: Destination,
  table: GoldTable,
  { isWatched }: Pick<Standing, 'isWatched'>,
  keeper?: Keeper,
): Promise<void> {
  const { model } = table
  const into = quoted(schema, model.name)
  // Beside the table, in this transaction alone: temporary ones would need another right.
  const random = randomBytes(4).toString('hex')
  const beside = (name: string) => quoted(schema, `${name}.${random}.${model.name}`)
  const [next, differing] = [beside('next'), beside('differing')]
  const columns = columnsOf(table).map(({ name, type }) => ({ name: pg.escapeIdentifier(name), type }))
  await client.query(`create unlogged table ${next} (${columns.map(({ name, type }) => `${name} ${type}`).join(', ')})`)
  await fill(client, next, table)

  const keys = model.key.map(pg.escapeIdentifier)
  const hasKey = keys.map((name) => `next.${name} = old.${name}`).join(' and ')
  const row = (of: string, names: readonly string[]) =>
    `row(${names.map((name) => `${of}.${name}`).join(', ')})::record`
  // By their bytes: under a collation texts may be equal that differ.
  const differs = (names: readonly string[]) => `${row('old', names)} *<> ${row('next', names)}`
  const all = columns.map(({ name }) => name)
  const kept = keeper?.columnsOf(table)?.map(pg.escapeIdentifier) ?? all
  // A column that no model makes.
  const kind = pg.escapeIdentifier(`kind.${random}`)
  const { rowCount } = await client.query(`create unlogged table ${differing} as
    select
      case
        when old.ctid is null then 'new'
        when next.ctid is null then 'gone'
        when ${differs(kept)} then 'changed'
        else 'changed aside'
      end as ${kind},
      ${all.map((name) => (keys.includes(name) ? `coalesce(next.${name}, old.${name}) as ${name}` : `next.${name}`)).join(', ')}
    from only ${into} as old full join ${next} as next on ${hasKey}
    where old.ctid is null or next.ctid is null or ${differs(all)}`)
  if (rowCount !== 0) {
    const kept = keeper?.differences(table, differing, kind) ?? []
    if (kept.length > 0) await client.query(kept.join(';\n'))
    await replace()
  }
  await client.query(`drop table ${next}, ${differing}`)

  async function replace(): Promise<void> {
    const those = (...kinds: string[]) => `next.${kind} in (${kinds.map((kind) => `'${kind}'`).join(', ')})`
    const isChanged = those('changed', 'changed aside')
    const remove = (which: string) =>
      `delete from only ${into} as old using ${differing} as next where ${hasKey} and ${which}`
    const insert = (which: string) =>
      `insert into ${into} (${listed(table)}) select ${listed(table)} from ${differing} as next where ${which}`
    const sets = all.map((name) => `${name} = next.${name}`).join(', ')
    await client.query('savepoint differences')
    try {
      await client.query(remove(those('gone')))
      const wanted = isWatched ? await count(client, `select from ${differing} as next where ${isChanged}`) : undefined
      const { rowCount } = await client.query(
        `update only ${into} as old set ${sets} from ${differing} as next where ${hasKey} and ${isChanged}`,
      )
      if (wanted !== undefined && wanted !== rowCount) {
        throw await keptFromArriving(client, schema, model.name, `took ${rowCount} of ${wanted} rows that changed`)
      }
      await client.query(insert(those('new')))
    } catch (error) {
      // Rows that change places may meet in a unique index of the user's own.
      if (!(error instanceof pg.DatabaseError && /^23(505|P01)$/.test(error.code ?? ''))) throw error
      await client.query(`rollback to differences; ${remove('true')}; ${insert(`not ${those('gone')}`)}`)
    }
    await client.query('release differences')
  }
}

async function count(client: pg.Client, rows: string): Promise<number> {
  const { rows: counted } = await client.query<{ count: string }>(`select count(*) from (${rows}) as rows`)
  return Number(counted[0]?.count)
}
