import type { Document } from 'bson'
import type { Db, MongoClient } from 'mongodb'
import { type Contract, columnsOf } from '../silver/contract.ts'
import { silverReader } from '../silver/schema.ts'
import { centsIn, countsIn, type Records } from './formulas.ts'
import type { Lineage, Source } from './lineage.ts'
import { moneyOf, quotient } from './money.ts'
import { cleanAgain, type Refining, type SilverRecord } from './recleaning.ts'

/** The silver records of one collection behind a row of gold. */
export interface RecordSet {
  collection: string
  /** Which records they are, in words. */
  where: string
  order: string
  documents: number
  /** Those that enter the sums. */
  summed: number
  totals: Total[]
  /** The columns that people are shown. */
  listed: readonly string[]
  /** The first of them. */
  records: SilverRecord[]
}

export interface Total {
  column: string
  known: number
  /** Exact text; null where no value is known. */
  sum: string | null
  mean: string | null
  /** What the records add to the sum that are not listed. */
  rest: string | null
}

/** Reads the records behind a row: all of them for the formulas, the first few to be shown. */
export async function readRecords(
  mongodb: MongoClient,
  silver: Db,
  { sources, columns }: Lineage,
  key: string,
  leftOut: readonly string[],
  refining: Refining,
  limit: number,
): Promise<{ sets: RecordSet[]; all: Records }> {
  const needed = new Set(Object.values(columns).flatMap(({ reads }) => reads))
  const read = await Promise.all(
    sources.map(async (source) => {
      const contract = refining.contracts.find(({ collection }) => collection === source.collection)
      if (contract === undefined) return { rows: [], sets: [] }
      const names = columnsOf(contract).map(([name]) => name)
      const kept = names.filter((name) => source.columns.includes(name) || needed.has(`${source.collection}.${name}`))
      const rows: Document[] = []
      const first: Buffer[] = []
      const readKept = silverReader(kept)
      for await (const document of find(silver, source, key, leftOut)) {
        rows.push({ ...readKept(document) })
        if (first.length < limit) first.push(document)
      }
      const isSummed = (row: Document) => source.summed === undefined || row[source.summed] !== null
      const summed = rows.filter(isSummed)
      const unlisted = rows.slice(limit).filter(isSummed)
      const set: RecordSet = {
        collection: source.collection,
        where: source.words(key),
        order: source.order.words,
        documents: rows.length,
        summed: summed.length,
        totals: totals(contract, source.columns, summed, unlisted),
        listed: source.columns,
        records: await cleanAgain(mongodb, contract, first, refining),
      }
      return { rows, sets: [set] }
    }),
  )
  return {
    sets: read.flatMap(({ sets }) => sets),
    all: Object.fromEntries(read.map(({ rows }, i) => [sources[i]?.collection ?? '', rows])),
  }
}

/** How many records a source has for a key. */
export async function countRecords(silver: Db, source: Source, key: string): Promise<number> {
  const { from, stages } = source.find(key)
  const [counted] = await silver
    .collection(from)
    .aggregate<{ documents: number }>([...stages, { $count: 'documents' }])
    .toArray()
  return counted?.documents ?? 0
}

async function* find(
  silver: Db,
  { collection, find, order }: Source,
  key: string,
  leftOut: readonly string[],
): AsyncGenerator<Buffer> {
  const { from, stages } = find(key)
  const counting = collection === 'transactions' ? [{ $match: { status: { $nin: [...leftOut] } } }] : []
  const cursor = silver
    .collection(from)
    .aggregate([...stages, ...counting, { $sort: order.by }], { raw: true, allowDiskUse: true, batchSize: 2000 })
  for await (const bytes of cursor) yield bytes as Buffer
}

function totals(
  contract: Contract,
  listed: readonly string[],
  rows: readonly Document[],
  unlisted: readonly Document[],
): Total[] {
  const types = new Map(columnsOf(contract).map(([name, { type }]) => [name, type]))
  return listed.flatMap((column): Total[] => {
    const type = types.get(column)
    if (type !== 'money' && type !== 'count') return []
    const known = rows.filter((row) => row[column] !== null)
    const sumOf = (some: readonly Document[]) =>
      type === 'money' ? moneyOf(centsIn(some, column)) : String(countsIn(some, column))
    const units = type === 'money' ? centsIn(known, column) : 100n * countsIn(known, column)
    return [
      {
        column,
        known: known.length,
        sum: known.length === 0 ? null : sumOf(known),
        mean: quotient(units, 100n * BigInt(known.length), 2),
        rest: unlisted.length === 0 ? null : sumOf(unlisted),
      },
    ]
  })
}
