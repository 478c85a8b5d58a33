import { DOUBLE, type DuckDBConnection, DuckDBDataChunk, INTEGER, UTINYINT, VARCHAR } from '@duckdb/node-api'
import { type ColumnType, type Contract, type Field, zoneOf } from '../contracts/contract.ts'
import type { CleanValues } from '../silver/clean/cleaner.ts'
import type { Feed } from '../silver/processor.ts'
import type { Portions } from '../system/portions.ts'
import { type columnsRead, ID_ORDER } from './models.ts'
import { type FlatType, flatColumn } from './vectors.ts'

/**
 * How a silver column enters DuckDB: as which type, and what the models see of it. A row has no nulls, since those would
 * have to be handed over beside it: a missing text is empty, which no clean one is, and a missing number is NaN.
 */
export const staging: Record<ColumnType, { as: FlatType; see: (column: string) => string }> = {
  text: { as: VARCHAR, see: (column) => `nullif(${column}, '')` },
  flag: { as: UTINYINT, see: (column) => `cast(nullif(${column}, 2) as boolean)` },
  // Up to 1e12 with two decimals, a double names one decimal alone; this cast finds it.
  money: { as: DOUBLE, see: (column) => `cast(${number(column)} as decimal(18, 2))` },
  count: { as: DOUBLE, see: (column) => `cast(${number(column)} as bigint)` },
  fractional: { as: DOUBLE, see: (column) => `cast(${number(column)} as decimal(19, 6))` },
  rate: { as: DOUBLE, see: (column) => number(column) },
  date: { as: DOUBLE, see: (column) => `epoch_ms(cast(${number(column)} as bigint))` },
}

function number(column: string): string {
  return `nullif(${column}, 'nan'::double)`
}

/** An instant as the clocks of the shop's zone show it, so that days and months are theirs. */
function inZone(instant: string, field: Field<unknown> | undefined): string {
  const zone = field && zoneOf(field)
  return zone === undefined ? instant : `timezone('${zone}', timezone('UTC', ${instant}))`
}

/** The table that a feed fills. */
export function stagedAs(collection: string): string {
  return `staged_${collection}`
}

/** Takes the documents of a silver collection into DuckDB. */
export interface WarehouseFeed extends Omit<Feed, 'end'> {
  /** The columns that are taken in: those that a model reads. */
  columns: readonly string[]
  /** Hands over what is left. */
  close: () => void
  /** Hides what was retracted, when the feed is closed. */
  flush: (connection: DuckDBConnection) => Promise<void>
}

/**
 * Opens the feed of a collection. `read` is what models read of it, `view` is what they call it.
 *
 * Labels, of which there are few different ones, are handed over as numbers of a dictionary.
 */
export async function openFeed(
  connection: DuckDBConnection,
  contract: Contract,
  read: ReturnType<typeof columnsRead>,
  view: string,
  portions: Portions,
): Promise<WarehouseFeed> {
  const { inOrder } = read
  const columns = read.columns.map(([name, { type }]) => ({
    name,
    type,
    isLabel: contract.fields[name]?.kind === 'label',
  }))
  for (const column of columns.filter(({ isLabel }) => isLabel).slice(portions.labels)) column.isLabel = false
  const table = stagedAs(contract.collection)
  const dictionaries = new Map<string, Dictionary>()
  for (const { name, isLabel } of columns) {
    if (isLabel) dictionaries.set(name, await openDictionary(connection, `${table}_${name}`, portions))
  }
  const layout: Layout = [
    ...columns.map(({ name, type, isLabel }) => ({ name, type, as: isLabel ? INTEGER : staging[type].as })),
    // A table needs a column, even where no model reads one.
    ...(inOrder || columns.length === 0 ? [{ name: ID_ORDER, type: 'rate' as const, as: DOUBLE }] : []),
  ]
  const documents = await openRows(connection, table, layout, dictionaries, portions)
  const retracted = await openRows(connection, `${table}_retracted`, layout, dictionaries, portions)
  const visible = columns.map(({ name, type, isLabel }) => {
    const seen = isLabel ? `${name}_words.word` : staging[type].see(`staged.${name}`)
    return `${inZone(seen, contract.fields[name])} as ${name}`
  })
  const joins = columns
    .filter(({ isLabel }) => isLabel)
    .map(({ name }) => `inner join ${table}_${name} as ${name}_words on ${name}_words.code = staged.${name}`)
  // A deleted row would keep the whole of its block in memory; one that is told to be gone costs its number.
  await connection.run(`create table ${table}_gone (gone bigint)`)
  const selected = inOrder ? [...visible, `staged.${ID_ORDER}`] : visible
  await connection.run(
    `create view ${view} as select ${selected.join(', ') || '1 as one'}
     from ${table} as staged anti join ${table}_gone on gone = staged.rowid ${joins.join(' ')}`,
  )
  return {
    columns: columns.map(({ name }) => name),
    inOrder,
    add: documents.add,
    retract: retracted.add,
    close() {
      for (const filled of [documents, retracted, ...dictionaries.values()]) filled.close()
    },
    async flush(connection) {
      if (retracted.rows() > 0) await noteGone(connection, table, layout, dictionaries)
    },
  }
}

type Layout = { name: string; type: ColumnType; as: FlatType }[]

/**
 * Of the rows that are equal to a retracted document the last one goes, and as many as were retracted: they differ in
 * nothing that a model can see.
 */
async function noteGone(
  connection: DuckDBConnection,
  table: string,
  layout: Layout,
  dictionaries: ReadonlyMap<string, Dictionary>,
): Promise<void> {
  const names = layout.filter(({ name }) => name !== ID_ORDER).map(({ name }) => name)
  const order = layout.some(({ name }) => name === ID_ORDER) ? ID_ORDER : 'rowid'
  const list = names.join(', ')
  const forgetful = names.filter((name) => dictionaries.get(name)?.hasForgotten())
  // Of the numbers of a word, the first one stands for all.
  const first = (name: string) => (forgetful.includes(name) ? `${name}_first.first as ${name}` : `t.${name}`)
  const joins = forgetful.map(
    (name) =>
      `inner join (select code, min(code) over (partition by word) as first from ${table}_${name}) as ${name}_first
         on ${name}_first.code = t.${name}`,
  )
  const rowsOf = (from: string) =>
    `select ${[`t.${order} as place, t.rowid as id`, ...names.map(first)].join(', ')} from ${from} as t ${joins.join(' ')}`
  await connection.run(
    `insert into ${table}_gone
       select numbered.id
       from (
         select *, row_number() over (partition by ${list} order by place desc) as number
         from (${rowsOf(table)}) as staged semi join (${rowsOf(`${table}_retracted`)}) as retracted using (${list})
       ) as numbered
       inner join (select ${list}, count(*) as times from (${rowsOf(`${table}_retracted`)}) group by all) as gone
         using (${list})
       where numbered.number <= gone.times`,
  )
}

/** A table that is filled a chunk at a time. */
async function openRows(
  connection: DuckDBConnection,
  table: string,
  layout: Layout,
  dictionaries: ReadonlyMap<string, Dictionary>,
  { rows: most }: Portions,
): Promise<{ add: (clean: CleanValues) => void; rows: () => number; close: () => void }> {
  await connection.run(`create table ${table} (${layout.map(({ name, as }) => `${name} ${as}`).join(', ')})`)
  const appender = await connection.createAppender(table)
  const types = layout.map(({ as }) => as)
  const columns = layout.map(({ name, as }) => ({
    name,
    ...flatColumn(as, most),
    codeOf: dictionaries.get(name)?.codeOf,
  }))
  const order = columns.find(({ name }) => name === ID_ORDER)
  const values = columns.filter((column) => column !== order)
  let rows = 0
  let total = 0

  const flush = () => {
    if (rows === 0) return
    const chunk = DuckDBDataChunk.create(types, rows)
    for (const [i, column] of columns.entries()) column.copyInto(chunk, i, rows)
    appender.appendDataChunk(chunk)
    rows = 0
  }
  return {
    add(clean) {
      for (const { name, put, codeOf } of values) {
        const value = clean[name]
        put(rows, codeOf === undefined ? value : value === null ? NO_WORD : codeOf(value as string))
      }
      order?.put(rows, total)
      total++
      if (++rows === most) flush()
    },
    rows: () => total,
    close() {
      flush()
      appender.closeSync()
    },
  }
}

/** Numbers for the words of a column. */
interface Dictionary {
  codeOf: (word: string) => number
  /** Whether a word may have several numbers. */
  hasForgotten: () => boolean
  close: () => void
}

/** What stands for null. */
const NO_WORD = -1

async function openDictionary(
  connection: DuckDBConnection,
  table: string,
  { words: most }: Portions,
): Promise<Dictionary> {
  await connection.run(`create table ${table} as select ${NO_WORD}::integer as code, null::varchar as word`)
  const appender = await connection.createAppender(table)
  const codes = new Map<string, number>()
  let next = 0
  let hasForgotten = false
  return {
    hasForgotten: () => hasForgotten,
    codeOf(word) {
      const known = codes.get(word)
      if (known !== undefined) return known
      if (codes.size === most) {
        codes.clear()
        hasForgotten = true
      }
      const code = next++
      codes.set(word, code)
      appender.appendInteger(code)
      appender.appendVarchar(word)
      appender.endRow()
      return code
    },
    close: () => appender.closeSync(),
  }
}
