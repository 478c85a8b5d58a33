import type { DuckDBConnection } from '@duckdb/node-api'
import { DateTime } from 'luxon'
import type { Collection } from 'mongodb'
import { type ColumnType, type Contract, columnsOf, type IsErased, zoneOf } from '../contracts/contract.ts'
import { customers } from '../contracts/customers.ts'
import { holderOf, namingColumns } from '../contracts/owners.ts'
import { copyInto } from '../gold/buckets.ts'
import { openFeed } from '../gold/feed.ts'
import { ID_ORDER } from '../gold/rows.ts'
import { valueIn } from '../mongo/bson_reader.ts'
import { element } from '../mongo/bson_writer.ts'
import { readRaw } from '../mongo/cursor.ts'
import { idsBetween } from '../mongo/id_order.ts'
import { idBytes } from '../mongo/lookup.ts'
import { bsonTypes, silverReader } from '../silver/schema.ts'
import type { Portions } from '../system/portions.ts'
import type { Difference } from './comparison.ts'
import type { Cause } from './entries.ts'

/*
 * The changes of a collection as rows: `key` (the bytes of the `_id`, type and value; null where it is a person's who was
 * erased), `cause`, `fields` (which differ), `rules` (which are others than they were), `had`
 * and `has` (whether silver had, or has, the record), and each column of silver that is not personal as `before.NAME` and
 * `after.NAME`.
 */

/** The columns that changes keep: all that is not personal. */
export function columnsOfChanges(contract: Contract): ReturnType<typeof columnsOf> {
  return columnsOf(contract).filter(([, { personal }]) => !personal)
}

/** The columns that changes keep of a record of who was erased: all that sums are made of. */
export function keptOfErased(contract: Contract): string[] {
  const ofCustomers = contract.collection === customers.collection ? ['country', 'marketing_consent'] : []
  const amounts = columnsOfChanges(contract).flatMap(([name, { type }]) => (type === 'money' ? [name] : []))
  return [...(holderOf(contract)?.columns ?? []), ...ofCustomers, ...amounts]
}

/** What changes are told by. */
export interface Telling {
  isErased: IsErased | undefined
  /** What stands for who was erased; whoever else it is stays. */
  pseudonymOf: (name: string) => string
  /** When the run began, which tells which months are settled. */
  started: Date
  /** How many days after its end a month is settled. */
  settledAfter: number
  /** Which rules are others than they were. */
  rules: readonly string[]
}

type Values = Readonly<Record<string, unknown>>

/** Parts names in one text, of which DuckDB is given a million sooner than of lists; no name holds it. */
const SEPARATOR = '\u001f'

/** By what the cause of a change is told. */
export interface Told extends Pick<Difference, 'stoodAs' | 'standsAs' | 'isSameInBronze' | 'moved'> {
  /** Where elements of its document came alone: one of them. */
  came: Values | null
}

/** Takes changes of a collection, and writes them into a Parquet file. */
export interface ChangeWriter {
  /** A record as silver had it and has it, by the bytes of its `_id`; null where it had, or has, none. */
  add: (id: Buffer, cause: Cause | undefined, before: Values | null, after: Values | null, told?: Told) => void
  counts: () => Partial<Record<Cause, number>>
  /** After the last change. */
  close: () => void
  write: (file: string) => Promise<void>
}

export async function openChanges(
  connection: DuckDBConnection,
  contract: Contract,
  telling: Telling,
  portions: Portions,
): Promise<ChangeWriter> {
  const columns = columnsOfChanges(contract)
  const names = columnsOf(contract).map(([name]) => name)
  const feedOf = (side: 'before' | 'after') =>
    openFeed(connection, { ...contract, collection: side }, { columns, inOrder: true }, side, portions)
  const [before, after] = [await feedOf('before'), await feedOf('after')]
  await connection.run(`create or replace table changes (
    key blob, cause varchar, fields varchar, rules varchar, before_at double, after_at double)`)
  const appender = await connection.createAppender('changes')
  const causeOf = causing(contract, telling)
  const owners = namingColumns(contract)
  const holder = holderOf(contract)?.columns[0]
  const isTheirs = (values: Values) => {
    const whose = holder === undefined ? null : values[holder]
    return typeof whose === 'string' && telling.pseudonymOf(whose) !== whose
  }
  const left = new Set(keptOfErased(contract))
  const forgotten = (values: Values): Values => {
    const named = owners.flatMap((name) => {
      const owner = values[name]
      return typeof owner === 'string' ? [[name, telling.pseudonymOf(owner)]] : []
    })
    const gone = isTheirs(values) ? columns.flatMap(([name]) => (left.has(name) ? [] : [[name, null]])) : []
    return { ...values, ...Object.fromEntries(named), ...Object.fromEntries(gone) }
  }
  const counts: Partial<Record<Cause, number>> = {}
  const rows = { before: 0, after: 0 }
  const rules = telling.rules.join(SEPARATOR)
  return {
    add(id, known, old, now, told) {
      const fields = old === null || now === null ? [] : names.filter((name) => !isSame(old[name], now[name]))
      if (old === null ? now === null : now !== null && fields.length === 0) return
      const cause = known ?? causeOf(old, now, told)
      counts[cause] = (counts[cause] ?? 0) + 1
      const isErased = cause === 'erased'
      // Records of others stay, and are still found.
      if (isErased && old !== null && now === null && isTheirs(old)) appender.appendNull()
      else appender.appendBlob(id)
      appender.appendVarchar(cause)
      appender.appendVarchar(fields.join(SEPARATOR))
      appender.appendVarchar(cause === 'rule' || cause === 'corrected' ? rules : '')
      for (const [side, values] of [
        ['before', old],
        ['after', now],
      ] as const) {
        if (values === null) appender.appendNull()
        else {
          const feed = side === 'before' ? before : after
          feed.add(isErased ? forgotten(values) : values)
          appender.appendDouble(rows[side]++)
        }
      }
      appender.endRow()
    },
    counts: () => counts,
    close() {
      appender.closeSync()
      before.close()
      after.close()
    },
    async write(file) {
      // A collection may have columns of these names.
      const lists = ['fields', 'rules'].map(
        (name) => `list_filter(string_split(changes.${name}, '${SEPARATOR}'), lambda text: text <> '') as ${name}`,
      )
      const own = ['changes.key', 'changes.cause', ...lists].join(', ')
      const values = (side: string) => columns.map(([name]) => `${side}."${name}" as "${side}.${name}"`).join(', ')
      await connection.run(
        copyInto(
          file,
          `select ${own}, changes.before_at is not null as had, changes.after_at is not null as has,
             ${values('before')}, ${values('after')}
           from changes left join before on before.${ID_ORDER} = changes.before_at
             left join after on after.${ID_ORDER} = changes.after_at`,
        ),
      )
    },
  }
}

/** The `_id` of which these are the bytes, type and value. */
export function idIn(key: Buffer): unknown {
  return valueIn(named(key))
}

function named(id: Buffer): Buffer {
  return element(id[0] as number, '_id', id.subarray(1))
}

function isSame(one: unknown, other: unknown): boolean {
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime()
  return Object.is(one, other)
}

function causing(
  contract: Contract,
  { isErased, started, settledAfter }: Telling,
): (before: Values | null, after: Values | null, told?: Told) => Cause {
  const owners = namingColumns(contract)
  const wasErased = (before: Values) =>
    owners.some((name) => typeof before[name] === 'string' && isErased?.(before[name]) === true)
  const arrived = arriving(contract, { started, settledAfter })
  return (before, after, told) => {
    const { stoodAs = null, standsAs = null, isSameInBronze = false, moved = null, came = null } = told ?? {}
    const isOther = (name: string) => !isSame(before?.[name], after?.[name])
    if (before !== null && wasErased(before) && (after === null || owners.some(isOther))) return 'erased'
    if (moved !== null) return moved === 'came' ? arrived(came) : CAUSES_OF_MOVED[moved]
    if (before === null) {
      if (stoodAs === null) return arrived(after)
      if (stoodAs === 'superseded') return 'superseded'
      if (!isSameInBronze) return 'corrected'
      return stoodAs === 'duplicate' ? 'duplicate gone' : 'rule'
    }
    if (after === null) {
      if (standsAs === null) return 'deleted'
      if (standsAs === 'superseded') return 'superseded'
      if (!isSameInBronze) return 'corrected'
      return standsAs === 'duplicate' ? 'duplicate found' : 'rule'
    }
    return isSameInBronze ? 'rule' : 'corrected'
  }
}

/** What happened to a document of which elements stand elsewhere now: places tell nothing of one of them. */
const CAUSES_OF_MOVED = { went: 'deleted', same: 'rule', other: 'corrected' } as const

/** What a record is that was not there before: late where its month was settled. */
function arriving(
  { collection, fields }: Contract,
  { started, settledAfter }: Pick<Telling, 'started' | 'settledAfter'>,
): (values: Values | null) => 'late' | 'new' {
  const dated = collection === 'transactions' ? fields['timestamp'] : undefined
  const settled = dated && settledBefore(started, settledAfter, zoneOf(dated))
  return (values) => {
    const date = values?.['timestamp']
    return settled !== undefined && date instanceof Date && date.getTime() < settled ? 'late' : 'new'
  }
}

/** The instant before which a month is settled that it lies in, in milliseconds. */
function settledBefore(started: Date, days: number, zone = 'UTC'): number {
  return DateTime.fromJSDate(started, { zone }).minus({ days }).startOf('month').toMillis()
}

/** How JavaScript has the values of a column. */
const typesOf: Record<(typeof bsonTypes)[ColumnType]['as'], string> = {
  ...{ string: 'string', double: 'number', int64: 'number', boolean: 'boolean', date: 'object' },
}

/**
 * Reads the records of silver with these `_id`s, by their bytes: type and value. A column that an earlier contract did not
 * have, or of another type, is null.
 */
export async function recordsIn(
  silver: Collection,
  contract: Contract,
  ids: readonly Buffer[],
  portions: Portions,
): Promise<Map<string, Values>> {
  const columns = columnsOf(contract)
  const read = silverReader(columns.map(([name]) => name))
  const found = new Map<string, Values>()
  const look = (document: Buffer) => {
    const values = read(document)
    const own = columns.map(([name, { type }]) => {
      return [name, typeof values[name] === typesOf[bsonTypes[type].as] ? values[name] : null]
    })
    found.set(idBytes(document), Object.fromEntries(own))
  }
  if (ids.length === 0) return found
  for await (const batch of readRaw(silver.db.client, silver, { filter: idsBetween(ids) }, portions))
    batch.forEach(look)
  return found
}

/** The bytes of an `_id` as {@link recordsIn} has them. */
export function keyOfId(id: Buffer): string {
  return named(id).toString('latin1')
}
