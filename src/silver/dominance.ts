import type { Collection, MongoClient } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { readRaw } from '../mongo/cursor.ts'
import type { Hide } from '../rules/contacts.ts'
import type { Tally } from '../runs/record.ts'
import type { Suspicion } from '../settings/suspicious.ts'
import { customerColumns } from './clean/forgetting.ts'
import { buyersOf, type Watched } from './clean/suspicions.ts'
import { added, noting } from './clean/tally.ts'

const DOMINANT: Suspicion = 'one customer has more than 20 % of the sales'
const SHARE = 0.2
const LEAST_SALES = 100
const EXAMPLES = 3

/** The customers who have so many sales of silver that they may stand for those who are not known. */
export async function dominance(
  client: MongoClient,
  silver: Collection,
  contract: Contract,
  parts: readonly Watched[],
  hide: Hide,
): Promise<Record<string, Tally>> {
  const [buyer] = customerColumns(contract)
  const counts = buyersOf(parts)
  const met = counts.reduce((sum, count) => sum + count, 0)
  // Documents that were inserted twice are still among them. Only where it is needed does the server count them all.
  if (buyer === undefined || met < LEAST_SALES || Math.max(...counts) < (met * SHARE) / 2) return {}
  const known = { [buyer]: { $ne: null } }
  const sales = await silver.countDocuments(known)
  if (sales < LEAST_SALES) return {}
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
  const note = noting(hide)
  let tally: Tally | undefined
  for (const { _id, sales } of dominant) {
    const theirs: Tally = { count: 0, examples: [] }
    for await (const batch of readRaw(client, silver, {
      filter: { [buyer]: _id },
      sort: { _id: 1 },
      limit: EXAMPLES,
    })) {
      for (const document of batch) note(theirs, document)
    }
    tally = added(tally, { ...theirs, count: sales })
  }
  return tally ? { [DOMINANT]: tally } : {}
}
