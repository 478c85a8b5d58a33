import type { MongoClient } from 'mongodb'
import { type Contract, zoneOf } from '../contracts/contract.ts'
import { emptyBatch } from '../mongo/bson_writer.ts'
import { bronzeOf } from '../mongo/client.ts'
import { documentsIn, readRaw } from '../mongo/cursor.ts'
import type { Writer } from '../mongo/writer.ts'
import { latestOf, shownAt } from '../rules/dates.ts'
import { cents } from '../rules/numbers.ts'
import { cleanedOf, type Observations, type Tally } from '../runs/record.ts'
import type { Config } from '../settings/config.ts'
import { observationsOf, total } from '../silver/clean/observations.ts'
import type { Quarantine } from '../silver/quarantine.ts'
import { refine } from '../silver/refinery.ts'
import { portions } from '../system/portions.ts'
import { moneyOf } from '../text/money.ts'

/** Documents of a collection that a trial reads. */
const TRIED = 20_000

/** What the cleaner makes of the first documents of a collection; nothing of it is written. */
export interface Trial extends Observations {
  contract: Contract
  /** Documents that were read, and about how many there are. */
  documents: number
  of: number
  /** The records in them, and those of them without the id that they need. */
  records: number
  noId: number
  noObject: number
  /** Of sales: what they bring in, how many orders they are, and the days of the first and the last one. */
  sales?: { revenue: string; orders: number; first: string | undefined; last: string | undefined }
}

/** A trial of each collection that bronze has, and how many sales name a customer who is none. */
export interface Trials {
  collections: Trial[]
  /** Of the sales with a customer, where all customers were read. */
  strangers?: { sales: number; of: number }
}

/** Cleans the first documents of each collection as a run would. */
export async function tryOut(
  client: MongoClient,
  { bronze, contracts, phoneRegion: region }: Pick<Config, 'bronze' | 'contracts' | 'phoneRegion'>,
  signal: AbortSignal | undefined,
): Promise<Trials> {
  const db = bronzeOf(client, bronze)
  const context = { latest: latestOf(new Date()), region }
  const customers = new Set<string>()
  const buyers: string[] = []
  const collections: Trial[] = []
  for (const contract of contracts) {
    const { collection, source = collection } = contract
    const from = db.collection(source)
    const of = await documentsIn(from)
    let documents = 0
    async function* firstBatches(): AsyncGenerator<readonly Buffer[]> {
      for await (const batch of readRaw(client, from)) {
        const some = batch.slice(0, TRIED - documents)
        documents += some.length
        yield some
        if (documents === TRIED) return
      }
    }
    const sales = collection === 'transactions' ? salesOf(contract) : undefined
    const part = await refine(firstBatches(), {
      contract,
      context,
      out: nowhere(),
      quarantine,
      signal,
      onKept(values) {
        sales?.add(values)
        const id = values['customer_id']
        if (typeof id !== 'string') return
        if (collection === 'customers') customers.add(id)
        else if (sales !== undefined) buyers.push(id)
      },
      onProgress: () => undefined,
    })
    if (documents === 0) continue
    const { bronze: records, noId, noObject = 0 } = part
    const cleaned = cleanedOf({
      bronze: records,
      leftOut: part.leftOut,
      quarantined: { noId, superseded: 0, noObject },
    })
    const observed = observationsOf(contract, [part.tallies], [], cleaned)
    const counts = { documents, of: Math.max(of, documents), records: cleaned, noId, noObject }
    collections.push({ contract, ...counts, ...observed, ...(sales && { sales: sales.sum() }) })
  }
  const known = collections.find(({ contract }) => contract.collection === 'customers')
  if (known === undefined || known.documents < known.of || buyers.length === 0) return { collections }
  return { collections, strangers: { sales: buyers.filter((id) => !customers.has(id)).length, of: buyers.length } }
}

/** The share of records in which a field is known, in percent. */
export function knownOf({ fields, records }: Trial, field: string): number {
  const found = fields[field]
  if (found === undefined || records === 0) return 0
  return ((records - total(found.missing) - total(found.invalid)) / records) * 100
}

/** Why a field is not known, the most frequent reason first. */
export function unknownIn({ fields }: Trial, field: string): { reason: string; count: number }[] {
  const { missing = {}, invalid = {} } = fields[field] ?? {}
  const reasons = Object.entries<Tally>({ ...missing, ...invalid })
  return reasons.map(([reason, { count }]) => ({ reason, count })).sort((a, b) => b.count - a.count)
}

/** Adds sales up. */
function salesOf({ fields }: Contract) {
  let revenue = 0n
  let records = 0
  let first: Date | undefined
  let last: Date | undefined
  const orders = new Set<string>()
  const zone = fields['timestamp'] && zoneOf(fields['timestamp'])
  const day = (date: Date | undefined) => date && shownAt(date, zone).toISOString().slice(0, 10)
  return {
    add(values: Readonly<Record<string, unknown>>) {
      const { total_amount: amount, timestamp: date, order_id: order } = values
      if (typeof amount === 'number') revenue += BigInt(cents(amount))
      if (typeof order === 'string') orders.add(order)
      else records++
      if (!(date instanceof Date)) return
      if (first === undefined || date < first) first = date
      if (last === undefined || date > last) last = date
    },
    sum: () => ({ revenue: moneyOf(revenue), orders: orders.size + records, first: day(first), last: day(last) }),
  }
}

/** Takes what is written and forgets it. */
function nowhere(): Writer {
  const bytes = Buffer.allocUnsafe(portions.bytes)
  const out: Writer = {
    batch: emptyBatch(bytes),
    append: () => undefined,
    full() {
      if (out.batch.size >= bytes.length / 2) out.batch = emptyBatch(bytes)
      return undefined
    },
    close: () => Promise.resolve(),
  }
  return out
}

const quarantine: Quarantine = { add: () => undefined, close: () => Promise.resolve() }
