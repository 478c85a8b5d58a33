import { DOUBLE, type DuckDBConnection, DuckDBDataChunk, INTEGER, UTINYINT, VARCHAR } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { Contract } from '../contracts/contract.ts'
import type { Feed } from '../silver/processor.ts'
import type { Portions } from '../system/portions.ts'
import {
  type Chunk,
  type ColumnsRead,
  codersOf,
  filler,
  ID_ORDER,
  layoutOf,
  NO_WORD,
  type StagedColumn,
  type Values,
} from './rows.ts'

/** The table that a feed fills. */
export function stagedAs(collection: string): string {
  return `staged_${collection}`
}

/** The words of a column of it; no collection is called so. */
function labelsOf(table: string, column: string): string {
  return `${table}$${column}`
}

/** What is kept beside it; no column is called so. */
function asideOf(table: string, what: 'retracted' | 'gone'): string {
  return `${table}$$${what}`
}

/** Takes the documents of a silver collection into DuckDB. */
export interface WarehouseFeed extends Omit<Feed, 'end'> {
  /** The columns that are taken in: those that a model reads. */
  columns: readonly string[]
  /** Documents that were put into chunks elsewhere, their words numbered apart from this feed's. */
  take: (chunk: Chunk) => void
  layout: readonly StagedColumn[]
  /** How many documents were given so far. */
  rows: () => number
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
  read: ColumnsRead,
  view: string,
  portions: Portions,
): Promise<WarehouseFeed> {
  const layout = layoutOf(contract, read, portions)
  const labels = layout.filter(({ isLabel }) => isLabel)
  const table = stagedAs(contract.collection)
  const dictionaries = new Map<string, Dictionary>()
  for (const { name } of labels) dictionaries.set(name, await openDictionary(connection, labelsOf(table, name)))
  const coders = codersOf(layout, portions)
  const staged = await openTable(connection, table, layout, dictionaries)
  const gone = await openTable(connection, asideOf(table, 'retracted'), layout, dictionaries)
  const documents = filler(layout, coders, portions, staged.append)
  const retracted = filler(layout, coders, portions, gone.append)
  let taken = 0
  const joins = labels.map(
    ({ name }) => `inner join ${labelsOf(table, name)} as ${name}_words on ${name}_words.code = staged.${name}`,
  )
  // A deleted row would keep the whole of its block in memory; one that is told to be gone costs its number.
  await connection.run(`create table ${asideOf(table, 'gone')} (gone$ bigint)`)
  const selected = layout.map(({ name, seen }) => `${seen} as ${name}`)
  await connection.run(
    `create view ${view} as select ${selected.join(', ')}
     from ${table} as staged anti join ${asideOf(table, 'gone')} on gone$ = staged.rowid ${joins.join(' ')}`,
  )
  return {
    columns: read.columns.map(([name]) => name),
    inOrder: read.inOrder,
    layout,
    add: documents.add,
    retract: retracted.add,
    take(chunk) {
      taken += chunk.rows
      staged.append(chunk)
    },
    rows: () => documents.rows() + taken,
    close() {
      documents.end()
      retracted.end()
      for (const filled of [staged, gone, ...dictionaries.values()]) filled.close()
    },
    async flush(connection) {
      const several = labels.filter(({ name }) => taken > 0 || coders.get(name)?.hasForgotten())
      if (retracted.rows() > 0) await noteGone(connection, table, layout, several)
    },
  }
}

/**
 * Of the rows that are equal to a retracted document the last one goes, and as many as were retracted: they differ in
 * nothing that a model can see. A word of `several` may have more than one number. Names of its own end in $: no column
 * of a collection does.
 */
async function noteGone(
  connection: DuckDBConnection,
  table: string,
  layout: readonly StagedColumn[],
  several: readonly StagedColumn[],
): Promise<void> {
  const names = layout.filter(({ name }) => name !== ID_ORDER).map(({ name }) => name)
  const order = layout.some(({ name }) => name === ID_ORDER) ? ID_ORDER : 'rowid'
  // Of those of which no model reads a column all are equal.
  const list = names.join(', ') || 'same$'
  const forgetful = several.map(({ name }) => name)
  // Of the numbers of a word, the first one stands for all.
  const first = (name: string) => (forgetful.includes(name) ? `${name}_first.first as ${name}` : `t.${name}`)
  const joins = forgetful.map(
    (name) =>
      `inner join (select code, min(code) over (partition by word) as first from ${labelsOf(table, name)}) as ${name}_first
         on ${name}_first.code = t.${name}`,
  )
  const rowsOf = (from: string) =>
    `select ${[`t.${order} as place$, t.rowid as id$, 0 as same$`, ...names.map(first)].join(', ')} from ${from} as t ${joins.join(' ')}`
  await connection.run(
    `insert into ${asideOf(table, 'gone')}
       select numbered.id$
       from (
         select *, row_number() over (partition by ${list} order by place$ desc) as number$
         from (${rowsOf(table)}) as staged semi join (${rowsOf(asideOf(table, 'retracted'))}) as retracted using (${list})
       ) as numbered
       inner join (select ${list}, count(*) as times$ from (${rowsOf(asideOf(table, 'retracted'))}) group by all) as gone
         using (${list})
       where numbered.number$ <= gone.times$`,
  )
}

/** A table that is filled a chunk at a time. */
async function openTable(
  connection: DuckDBConnection,
  table: string,
  layout: readonly StagedColumn[],
  dictionaries: ReadonlyMap<string, Dictionary>,
): Promise<{ append: (chunk: Chunk) => void; close: () => void }> {
  await connection.run(`create table ${table} (${layout.map(({ name, as }) => `${name} ${as}`).join(', ')})`)
  const appender = await connection.createAppender(table)
  // One for all: DuckDB's memory is none that would let JavaScript collect its garbage.
  const next = DuckDBDataChunk.create(layout.map(({ as }) => TYPES[as]))
  return {
    append({ rows, values, words }) {
      for (const [name, fresh] of Object.entries(words)) {
        for (const [code, word] of fresh) dictionaries.get(name)?.add(code, word)
      }
      next.reset()
      next.rowCount = rows
      for (const [column, own] of values.entries()) copyInto(next, column, own, rows)
      appender.appendDataChunk(next)
    },
    close: () => appender.closeSync(),
  }
}

const TYPES = { varchar: VARCHAR, double: DOUBLE, integer: INTEGER, utinyint: UTINYINT } satisfies Record<
  StagedColumn['as'],
  unknown
>

function copyInto({ chunk }: DuckDBDataChunk, column: number, { flat, width, texts }: Values, rows: number): void {
  const vector = duckdb.data_chunk_get_vector(chunk, column)
  duckdb.copy_data_to_vector(vector, 0, flat.buffer as ArrayBuffer, flat.byteOffset, rows * width)
  for (const [row, text] of texts) duckdb.vector_assign_string_element_len(vector, row, Buffer.from(text, 'utf8'))
}

/** What the numbers of a column's words stand for. */
interface Dictionary {
  add: (code: number, word: string) => void
  close: () => void
}

async function openDictionary(connection: DuckDBConnection, table: string): Promise<Dictionary> {
  await connection.run(`create table ${table} as select ${NO_WORD}::integer as code, null::varchar as word`)
  const appender = await connection.createAppender(table)
  return {
    add(code, word) {
      appender.appendInteger(code)
      appender.appendVarchar(word)
      appender.endRow()
    },
    close: () => appender.closeSync(),
  }
}
