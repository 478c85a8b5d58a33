import type { Collection, Filter, MongoClient } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { buyerColumn } from '../contracts/owners.ts'
import { readRaw } from '../mongo/cursor.ts'
import type { Hide } from '../rules/contacts.ts'
import { fold } from '../rules/values.ts'
import type { Tally } from '../runs/record.ts'
import type { Suspicion } from '../settings/suspicious.ts'
import { buyersOf, labelsOf, type OddValues, type Watched } from './clean/suspicions.ts'
import { added, EXAMPLES, noting } from './clean/tally.ts'

/** What is odd about a silver collection as a whole. */
export interface Oddities {
  documents: Partial<Record<Suspicion, Tally>>
  fields: OddValues[]
}

/** Looks at silver where what its parts met may be odd: only then has the server to count. */
export async function oddities(
  client: MongoClient,
  silver: Collection,
  contract: Contract,
  parts: readonly Watched[],
  hide: Hide,
): Promise<Oddities> {
  const note = noting(hide)
  const tallied = async (filter: Filter<object>, count: number): Promise<Tally> => {
    const tally: Tally = { count: 0, examples: [] }
    for await (const batch of readRaw(client, silver, { filter, sort: { _id: 1 }, limit: EXAMPLES })) {
      for (const document of batch) note(tally, document)
    }
    return { ...tally, count }
  }
  const dominant = await dominance(silver, contract, parts, tallied)
  const fields: OddValues[] = []
  for (const field of Object.keys(contract.fields)) {
    const rare = await rareSpellings(silver, field, labelsOf(parts, field))
    const count = [...rare.values()].reduce((sum, count) => sum + count, 0)
    if (count === 0) continue
    const tally = await tallied({ [field]: { $in: [...rare.keys()] } }, count)
    fields.push({ field, suspicion: 'several spellings', tally })
  }
  return { documents: dominant ? { 'one customer has more than 20 % of the sales': dominant } : {}, fields }
}

const SHARE = 0.2
const LEAST_SALES = 100

/** The sales of customers who have so many that they may stand for those who are not known. */
async function dominance(
  silver: Collection,
  contract: Contract,
  parts: readonly Watched[],
  tallied: (filter: Filter<object>, count: number) => Promise<Tally>,
): Promise<Tally | undefined> {
  const buyer = buyerColumn(contract)
  const counts = buyersOf(parts)
  const met = counts.reduce((sum, count) => sum + count, 0)
  // Documents that were inserted twice are still among them.
  if (buyer === undefined || met < LEAST_SALES || Math.max(...counts) < (met * SHARE) / 2) return undefined
  const known = { [buyer]: { $ne: null } }
  const sales = await silver.countDocuments(known)
  if (sales < LEAST_SALES) return undefined
  const dominant = await silver
    .aggregate<{ _id: string; sales: number }>(
      [
        { $match: known },
        { $group: { _id: `$${buyer}`, sales: { $sum: 1 } } },
        { $match: { sales: { $gt: sales * SHARE } } },
        { $sort: { sales: -1, _id: 1 } },
      ],
      { allowDiskUse: true },
    )
    .toArray()
  let tally: Tally | undefined
  for (const { _id, sales } of dominant) tally = added(tally, await tallied({ [buyer]: _id }, sales))
  return tally
}

/** Labels that another one is spelled like, but for case, accents or spacing, and more often; and how often they are. */
async function rareSpellings(silver: Collection, field: string, labels: readonly string[]) {
  const words = new Map<string, string[]>()
  for (const label of labels) {
    const word = fold(label)
    words.set(word, [...(words.get(word) ?? []), label])
  }
  const several = [...words.values()].filter(({ length }) => length > 1)
  if (several.length === 0) return new Map<string, number>()
  const counted = await silver
    .aggregate<{ _id: string; count: number }>([
      { $match: { [field]: { $in: several.flat() } } },
      { $group: { _id: `$${field}`, count: { $sum: 1 } } },
    ])
    .toArray()
  const counts = new Map(counted.map(({ _id, count }) => [_id, count]))
  const rare = several.flatMap((labels) =>
    labels
      .map((label): [string, number] => [label, counts.get(label) ?? 0])
      .sort(([, one], [, other]) => other - one)
      .slice(1),
  )
  return new Map(rare)
}
