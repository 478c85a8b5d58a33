import { type MongoClient, MongoServerError } from 'mongodb'
import { type Contract, columnsOf, zoneOf } from '../../contracts/contract.ts'
import { readRaw } from '../../mongo/cursor.ts'
import type { CleanValues } from '../../silver/clean/cleaner.ts'
import { silverReader } from '../../silver/schema.ts'
import { LingotError } from '../../system/errors.ts'
import { type Fingerprints, fingerprints } from '../../system/fingerprints.ts'
import { countOf, moneyOf, quotient } from '../../text/money.ts'
import type { RecordSet, Total } from './explanation_schema.ts'
import { type Summing, summing } from './formulas.ts'
import type { Lineage, Source } from './lineage.ts'
import { cleanAgain, type Refining, wholeOf } from './recleaning.ts'

/** Where silver is, and what of it counts. */
export interface Silver {
  mongodb: MongoClient
  database: string
  /** Statuses of sales that a setting leaves out. */
  leftOut: readonly string[]
  /** When reading has to end, by `performance.now()`; it may take as long as it takes, if not given. */
  until?: number | undefined
}

/**
 * Reads the records behind a row one after the other, for the formulas and the sums, and keeps the first few to be
 * shown: however many there are, memory does not grow with them but by eight bytes a customer.
 */
export async function readRecords(
  silver: Silver,
  { sources, columns }: Lineage,
  key: string,
  refining: Refining,
  limit: number,
): Promise<{ sets: RecordSet[]; workedOut: Record<string, string | null> }> {
  const timeZone = zoneOfSales(refining.contracts)
  const workings = Object.entries(columns).map(([name, formula]) => ({ name, working: formula.begin(timeZone) }))
  const needed = new Set(Object.values(columns).flatMap(({ reads }) => reads))
  const sets = new Map<Source, RecordSet>()
  const customers = fingerprints()
  for (const source of inTurn(sources)) {
    const { collection, summed, columns: listed } = source
    const contract = refining.contracts.find(({ collection }) => collection === source.collection)
    if (contract === undefined) continue
    const names = columnsOf(contract).map(([name]) => name)
    const sums = sumsOf(contract, listed)
    const { by } = source.order
    const own = [...sums.map(({ column }) => column), summed, by?.column]
    const columns = names.filter((name) => own.includes(name) || needed.has(`${collection}.${name}`))
    const isSummed = (record: CleanValues) => summed === undefined || record[summed] !== null
    const first = firstOf(limit, by)
    let documents = 0
    let inSums = 0
    for await (const { document, record } of recordsOf(silver, source, key, columns, customers, timeZone)) {
      documents++
      for (const { working } of workings) working.add(collection, record)
      if (isSummed(record)) {
        inSums++
        for (const { column, all } of sums) all.add(record[column])
      }
      first.offer(document, record)
    }
    const all = await wholeOf(
      silver.mongodb,
      silver.mongodb.db(silver.database).collection(collection),
      first.documents(),
    )
    const read = silverReader(columns)
    const listedSums = all.map((document) => ({ ...read(document) })).filter(isSummed)
    for (const record of listedSums) for (const { column, listed } of sums) listed.add(record[column])
    sets.set(source, {
      collection,
      where: source.words(key, timeZone),
      apart: [...(source.apart ?? [])],
      order: source.order.words,
      documents,
      summed: inSums,
      totals: sums.map((sum) => totalOf(sum, inSums > listedSums.length)),
      listed: [...listed],
      records: await cleanAgain(silver.mongodb, contract, all, refining),
    })
  }
  return {
    sets: sources.flatMap((source) => sets.get(source) ?? []),
    workedOut: Object.fromEntries(workings.map(({ name, working }) => [name, working.value()])),
  }
}

/** How many records each source of a row has. */
export async function countRecords(
  silver: Silver,
  sources: readonly Source[],
  key: string,
  contracts: readonly Contract[],
): Promise<Map<Source, number>> {
  const timeZone = zoneOfSales(contracts)
  const counts = new Map<Source, number>()
  const customers = fingerprints()
  for (const source of inTurn(sources)) {
    let documents = 0
    for await (const _ of recordsOf(silver, source, key, [], customers, timeZone)) documents++
    counts.set(source, documents)
  }
  return counts
}

/** The zone in which sales have their days. */
export function zoneOfSales(contracts: readonly Contract[]): string | undefined {
  const { timestamp } = contracts.find(({ collection }) => collection === 'transactions')?.fields ?? {}
  return timestamp && zoneOf(timestamp)
}

/** Who the customers are is known before their sales are looked for. */
function inTurn(sources: readonly Source[]): Source[] {
  return [...sources].sort((a, b) => Number(a.ofCustomers ?? false) - Number(b.ofCustomers ?? false))
}

/** Some columns of a source's records, in the order of their `_id`s; the same object each time, filled anew. */
async function* recordsOf(
  { mongodb, database, leftOut, until }: Silver,
  { collection, filter, ofCustomers }: Source,
  key: string,
  columns: readonly string[],
  customers: Fingerprints,
  timeZone: string | undefined,
): AsyncGenerator<{ document: Buffer; record: CleanValues }> {
  const counting = collection === 'transactions' && leftOut.length > 0 ? { status: { $nin: [...leftOut] } } : {}
  const needed = [...new Set([...columns, 'customer_id'])]
  const selection = {
    filter: { ...filter(key, timeZone), ...counting },
    projection: Object.fromEntries(needed.map((name) => [name, 1])),
    sort: { _id: 1 },
    ...(until !== undefined && { maxTimeMS: timeLeft(until) }),
  }
  const read = silverReader(needed)
  try {
    for await (const batch of readRaw(mongodb, mongodb.db(database).collection(collection), selection)) {
      if (until !== undefined) timeLeft(until)
      for (const document of batch) {
        const record = read(document)
        const id = record['customer_id']
        if (ofCustomers && !(typeof id === 'string' && customers.has(id))) continue
        if (collection === 'customers') customers.add(String(id))
        yield { document, record }
      }
    }
  } catch (error) {
    throw error instanceof MongoServerError && error.code === MAX_TIME_EXPIRED ? tooMany() : error
  }
}

/** What MongoDB calls the end of the time that a command may take. */
const MAX_TIME_EXPIRED = 50

/** Milliseconds until reading has to end; throws where there are none. */
function timeLeft(until: number): number {
  const left = Math.ceil(until - performance.now())
  if (left > 0) return left
  throw tooMany()
}

function tooMany(): LingotError {
  return new LingotError(
    'usage',
    'More records are behind this number than can be read in the time that there is.',
    'Choose a smaller part, or ask `lingot explain` in a terminal, which takes its time.',
  )
}

/** The first documents in an order, of those that are offered in the order of their `_id`s. */
function firstOf(limit: number, by: Source['order']['by']) {
  let top: { document: Buffer; rank: number }[] = []
  let last = Number.POSITIVE_INFINITY
  const rankOf = (record: CleanValues): number => {
    if (by === undefined) return 0
    const value = record[by.column]
    // What is unknown is less than anything, as MongoDB has it.
    const number = value === null ? Number.NEGATIVE_INFINITY : Number(value)
    return by.descending ? -number : number
  }
  const trim = () => {
    top = top.sort((a, b) => compare(a.rank, b.rank)).slice(0, limit)
    if (top.length === limit) last = top.at(-1)?.rank ?? Number.NEGATIVE_INFINITY
  }
  return {
    offer(document: Buffer, record: CleanValues) {
      const rank = rankOf(record)
      if (limit === 0 || (top.length >= limit && rank >= last)) return
      // The bytes of a batch are not to stay for the sake of one of its documents.
      top.push({ document: Buffer.from(document), rank })
      if (top.length >= 2 * limit) trim()
    },
    documents() {
      trim()
      return top.map(({ document }) => document)
    },
  }
}

/** Infinities are equal to themselves, which a difference does not say. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}

interface Sums {
  column: string
  type: 'money' | 'count'
  all: Summing
  /** Of the records that are shown. */
  listed: Summing
}

function sumsOf(contract: Contract, listed: readonly string[]): Sums[] {
  const types = new Map(columnsOf(contract).map(([name, { type }]) => [name, type]))
  return listed.flatMap((column) => {
    const type = types.get(column) === 'fractional' ? 'count' : types.get(column)
    return type === 'money' || type === 'count' ? [{ column, type, all: summing(type), listed: summing(type) }] : []
  })
}

function totalOf({ column, type, all, listed }: Sums, hasRest: boolean): Total {
  const text = (units: bigint) => (type === 'money' ? moneyOf(units) : countOf(units))
  return {
    column,
    known: all.known,
    sum: all.known === 0 ? null : text(all.units),
    mean: quotient(all.units, (type === 'money' ? 100n : 1_000_000n) * BigInt(all.known), 2),
    rest: hasRest ? text(all.units - listed.units) : null,
  }
}
