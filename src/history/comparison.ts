import { BLOB, type DuckDBConnection, DuckDBDataChunk, UUID } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import type { Contract } from '../contracts/contract.ts'
import { orderOf } from '../mongo/id_order.ts'
import { FATES, type Fate, HASH, rowsIn } from '../silver/fingerprints.ts'

/** What became of a record: silver has it, or why not; nothing where bronze does not have it. */
export type Standing = 'kept' | Fate | null

/** A record that silver has otherwise than before. */
export interface Difference {
  /** The type and the value of its `_id`, where there was, and is, such a record. */
  before: Buffer | null
  now: Buffer | null
  stoodAs: Standing
  standsAs: Standing
  /** Whether bronze has the same of it as before. */
  isSameInBronze: boolean
  /** What became of the elements of its document, where some of them stand elsewhere now: places tell nothing of it. */
  moved: Moved | null
  /** Where some came alone: the `_id` of one of them that silver has. */
  came: Buffer | null
}

/** Elements came alone, went alone, are the same in bronze, or anything else. */
export type Moved = 'came' | 'went' | 'same' | 'other'

type Side = 'before' | 'now'

/** Rows of one of DuckDB's chunks. */
const ROWS = 2048

/** Takes in rows of fingerprints, those that were met and those of them that were removed. */
export async function openSide(
  connection: DuckDBConnection,
  side: Side,
): Promise<{ take: (what: 'met' | 'removed', bytes: Buffer) => void; close: () => Promise<void> }> {
  const tables = await Promise.all(
    (['met', 'removed'] as const).map(async (what) => {
      const name = `${side}_${what}`
      await connection.run(`create or replace table ${name} (id blob, place blob, bronze uuid, silver uuid)`)
      return [what, await connection.createAppender(name)] as const
    }),
  )
  const appenders = new Map(tables)
  const chunk = DuckDBDataChunk.create([BLOB, BLOB, UUID, UUID])
  const bronze = Buffer.alloc(ROWS * HASH)
  const silver = Buffer.alloc(ROWS * HASH)
  return {
    take(what, bytes) {
      let rows = 0
      const flush = () => {
        if (rows === 0) return
        chunk.rowCount = rows
        for (const [column, flat] of [bronze, silver].entries()) {
          const vector = duckdb.data_chunk_get_vector(chunk.chunk, column + 2)
          duckdb.copy_data_to_vector(vector, 0, flat.buffer as ArrayBuffer, flat.byteOffset, rows * HASH)
        }
        appenders.get(what)?.appendDataChunk(chunk)
        chunk.reset()
        rows = 0
      }
      chunk.reset()
      for (const { id, bronze: ofBronze, silver: ofSilver } of rowsIn(bytes)) {
        for (const [column, value] of [id, orderOf(id) ?? id].entries()) {
          duckdb.vector_assign_string_element_len(duckdb.data_chunk_get_vector(chunk.chunk, column), rows, value)
        }
        bytes.copy(bronze, rows * HASH, ofBronze, ofBronze + HASH)
        bytes.copy(silver, rows * HASH, ofSilver, ofSilver + HASH)
        if (++rows === ROWS) flush()
      }
      flush()
    },
    async close() {
      for (const appender of appenders.values()) appender.closeSync()
      // Of two rows with one id, one of a task that was done again, one is enough.
      await connection.run(`
        create or replace table ${side}_records as
          select id, any_value(met.place) as place, any_value(met.bronze) as bronze, coalesce(any_value(removed.silver), any_value(met.silver)) as silver
          from ${side}_met as met left join ${side}_removed as removed using (id) group by id`)
      await connection.run(`drop table ${side}_met; drop table ${side}_removed`)
    },
  }
}

/** The records that silver has otherwise than before, of two sides that are closed, as MongoDB has their `_id`s in order. */
export async function* differences(connection: DuckDBConnection, contract: Contract): AsyncGenerator<Difference[]> {
  const result = await connection.stream(contract.each === undefined ? BY_ID : BY_PLACE)
  for await (const chunk of result) {
    const rows = chunk.convertRows((value) => value as unknown)
    const found = rows.map((row): Difference => {
      const [before, now, stoodAs, standsAs, isSameInBronze, moved, came] = row as [
        unknown,
        unknown,
        Standing,
        Standing,
        boolean,
        Moved | null,
        unknown,
      ]
      return {
        before: bytesOf(before),
        now: bytesOf(now),
        stoodAs,
        standsAs,
        isSameInBronze,
        moved,
        came: bytesOf(came),
      }
    })
    if (found.length > 0) yield found
  }
}

function bytesOf(value: unknown): Buffer | null {
  if (value === null) return null
  return Buffer.from((value as { bytes: Uint8Array }).bytes ?? value)
}

/** What became of a record is its hash of silver where all words of that but the first are 0. */
function standingOf(silver: string): string {
  const fates = Object.entries(FATES).map(([fate, word]) => `when '${uuidOf(word)}' then '${fate}'`)
  return `case ${silver}::varchar ${fates.join(' ')} else if(${silver} is null, null, 'kept') end`
}

/** A number of 128 bits as DuckDB spells it as a UUID, of which it keeps the highest bit turned over. */
function uuidOf(word: number): string {
  return `80000000-0000-0000-0000-${word.toString(16).padStart(12, '0')}`
}

/** Silver does not tell one of them that it does not have from another. */
const IS_OTHER = 'before.silver is distinct from now.silver'
const AND_IN_SILVER = `(${standingOf('before.silver')} = 'kept' or ${standingOf('now.silver')} = 'kept')`
const SELECTED = `before.id, now.id, ${standingOf('before.silver')}, ${standingOf('now.silver')},
  coalesce(before.bronze = now.bronze, false)`
/** What lies side by side in a clustered silver is read at once. */
const IN_ORDER = 'order by coalesce(now.place, before.place)'

const BY_ID = `
  select ${SELECTED}, null, null
  from before_records as before full join now_records as now on before.id = now.id
  where ${IS_OTHER} and ${AND_IN_SILVER} ${IN_ORDER}`

/** An `_id` of an element ends with its place, four bytes, and the end of the document that it is. */
function elements(side: Side): string {
  return `select *, left(hex(id), -10) as document from ${side}_records`
}

/**
 * A row for each place whose element differs. Elements of one document that are the same are, wherever they stand in their
 * list: by both hashes, then by that of bronze; what is left is told by its place. Those tell what became of a document.
 */
const BY_PLACE = `
  with before_0 as (${elements('before')}), now_0 as (${elements('now')}),
  before_1 as (select *, row_number() over (partition by document, bronze, silver order by id) as nth from before_0),
  now_1 as (select *, row_number() over (partition by document, bronze, silver order by id) as nth from now_0),
  before_2 as (
    select document, id, bronze, silver, row_number() over (partition by document, bronze order by id) as nth
    from before_1 anti join now_1 using (document, bronze, silver, nth)
  ),
  now_2 as (
    select document, id, bronze, silver, row_number() over (partition by document, bronze order by id) as nth
    from now_1 anti join before_1 using (document, bronze, silver, nth)
  ),
  before_3 as (select * from before_2 anti join now_2 using (document, bronze, nth)),
  now_3 as (select * from now_2 anti join before_2 using (document, bronze, nth)),
  pairs as (
    select document, before, now from before_1 as before inner join now_1 as now using (document, bronze, silver, nth)
    union all
    select document, before, now from before_2 as before inner join now_2 as now using (document, bronze, nth)
    union all
    select coalesce(before.document, now.document), before, now
    from before_3 as before full join now_3 as now on before.id = now.id
  ),
  moved as (
    select
      document,
      case
        when bool_and(before.id is null) filter (${IS_OTHER}) then 'came'
        when bool_and(now.id is null) filter (${IS_OTHER}) then 'went'
        when bool_and(coalesce(before.bronze = now.bronze, false)) filter (${IS_OTHER}) then 'same'
        else 'other'
      end as moved,
      min(now.id) filter (before.id is null and ${standingOf('now.silver')} = 'kept') as came
    from pairs
    group by document
    having bool_or(before.id <> now.id)
  )
  select ${SELECTED}, moved, came
  from before_records as before full join now_records as now on before.id = now.id
    left join moved on document = left(hex(coalesce(before.id, now.id)), -10)
  where ${IS_OTHER} and ${AND_IN_SILVER} ${IN_ORDER}`
